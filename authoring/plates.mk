# Included by the top Makefile: `make plates` bakes every scene, `make plates SCENE=cafe-wood` one.
# Blender's Python module wants an older NumPy, so it lives in an environment of its own.
PLATES_PYTHON := authoring/.venv/bin/python

.PHONY: plates
plates: authoring/.venv/.installed
	$(PLATES_PYTHON) -m authoring.bake $(SCENE) $(PLATES_OPTIONS)

authoring/.venv/.installed: authoring/requirements.txt
	python3.11 -m venv authoring/.venv
	$(PLATES_PYTHON) -m pip install --quiet -r $<
	touch $@
