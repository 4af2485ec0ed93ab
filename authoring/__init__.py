"""How plates are made: scenes for Blender's Cycles, rendered once, offline. Nothing in the product imports this."""
