"""The diffusion engine: BiRefNet cuts out, FLUX makes backgrounds, SDXL with ControlNet paints headlines.

Nothing here is imported unless the engine is asked for: torch takes seconds and the web process never needs it.
"""
