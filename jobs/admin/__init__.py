"""What support works with in the admin: jobs, photos, workers, shops, usage, what shops hand out."""

from jobs.admin.handed_out import InvitationAdmin, ShareLinkAdmin
from jobs.admin.job import JobAdmin
from jobs.admin.photo import PhotoAdmin
from jobs.admin.shops import ShopAdmin
from jobs.admin.words import ModelUseAdmin, ModerationDecisionAdmin
from jobs.admin.workers import WorkerAdmin

__all__ = [
    "InvitationAdmin",
    "JobAdmin",
    "ModelUseAdmin",
    "ModerationDecisionAdmin",
    "PhotoAdmin",
    "ShareLinkAdmin",
    "ShopAdmin",
    "WorkerAdmin",
]
