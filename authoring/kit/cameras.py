"""Cameras: how steeply a view looks down, and how its square master is framed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

SENSOR_MM = 36.0


@dataclass(frozen=True)
class View:
    """One camera of a scene.

    ``elevation`` in degrees above the table; ``distance`` in units from ``target``; ``lens`` in millimetres;
    ``fstop`` sets how soft the distance gets (scene units, so well below a real lens's). ``crop`` is the side
    of the square crop that frames the scene best, as a share of the master, and ``foot`` where in that
    crop's height the product stands. ``headline`` (x, y, width, height) is calm, in unit master coordinates.
    """

    elevation: float
    distance: float
    lens: float
    fstop: float
    target: tuple[float, float, float]
    crop: float = 0.86
    foot: float = 0.78
    headline: tuple[float, float, float, float] = (0.14, 0.1, 0.72, 0.22)

    @property
    def eye(self) -> tuple[float, float, float]:
        """Where the camera stands."""
        e = math.radians(self.elevation)
        x, y, z = self.target
        return x, y - self.distance * math.cos(e), z + self.distance * math.sin(e)


def set_up(view: View, focus: tuple[float, float, float]) -> Any:
    """Put the camera in place, sharp at ``focus``."""
    data = bpy.data.cameras.new("camera")
    data.lens, data.sensor_width = view.lens, SENSOR_MM
    data.clip_end = 500
    camera = bpy.data.objects.new("camera", data)
    bpy.context.collection.objects.link(camera)
    camera.location = view.eye
    heading = Vector(view.target) - Vector(view.eye)
    camera.rotation_euler = heading.to_track_quat("-Z", "Y").to_euler()
    data.dof.use_dof = True
    data.dof.aperture_fstop = view.fstop
    data.dof.focus_distance = (Vector(focus) - Vector(view.eye)).dot(heading.normalized())
    bpy.context.scene.camera = camera
    return camera


def projection() -> NDArray[np.float64]:
    """The scene camera as a 3x4 matrix to unit image coordinates, x to the right and y downwards."""
    scene = bpy.context.scene
    bpy.context.view_layer.update()
    size = {"x": scene.render.resolution_x, "y": scene.render.resolution_y}
    lens = np.array(scene.camera.calc_matrix_camera(bpy.context.evaluated_depsgraph_get(), **size))
    pose = np.array(scene.camera.matrix_world.inverted())
    to_unit = np.array([[0.5, 0, 0.5], [0, -0.5, 0.5], [0, 0, 1]])
    return np.asarray(to_unit @ (lens @ pose)[[0, 1, 3]])
