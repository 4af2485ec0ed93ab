"""What support works with in the admin: jobs, photos, workers, shops, usage."""

from jobs.admin.job import JobAdmin
from jobs.admin.photo import PhotoAdmin
from jobs.admin.shops import ShopAdmin
from jobs.admin.words import ModelUseAdmin, ModerationDecisionAdmin
from jobs.admin.workers import WorkerAdmin

__all__ = [
    "JobAdmin",
    "ModelUseAdmin",
    "ModerationDecisionAdmin",
    "PhotoAdmin",
    "ShopAdmin",
    "WorkerAdmin",
]
