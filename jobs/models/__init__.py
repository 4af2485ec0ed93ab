"""What was asked and what became of it. The rules that must never break stand in the database as constraints."""

from __future__ import annotations

from jobs.models.album import ShareLink, VariationSet
from jobs.models.artifact import Artifact, artifact_path
from jobs.models.data_export import DataExport, DataExportPart
from jobs.models.export import Export
from jobs.models.job import Engine, Job, JobEvent
from jobs.models.moderation import ModerationDecision
from jobs.models.order import DayOrders
from jobs.models.photo import Photo, matte_path, photo_path
from jobs.models.program import CallbackDelivery, IdempotencyKey
from jobs.models.words import ModelUse
from jobs.models.worker import WorkerState

__all__ = [
    "Artifact",
    "CallbackDelivery",
    "DataExport",
    "DataExportPart",
    "DayOrders",
    "Engine",
    "Export",
    "IdempotencyKey",
    "Job",
    "JobEvent",
    "ModelUse",
    "ModerationDecision",
    "Photo",
    "ShareLink",
    "VariationSet",
    "WorkerState",
    "artifact_path",
    "matte_path",
    "photo_path",
]
