"""The kit that scenes are written with: surfaces, shapes, props, lights, backdrops and cameras.

One unit is about ten centimetres; z is up; the camera stands at negative y and looks towards positive y.
"""
