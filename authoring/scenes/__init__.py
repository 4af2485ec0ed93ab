"""One module per scene; each has a ``CARD`` and a ``build(view)``."""
