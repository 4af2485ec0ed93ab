"""What support works with in the admin: jobs, photos, workers, shops, usage, what shops hand out."""

from jobs.admin.handed_out import InvitationAdmin, ShareLinkAdmin
from jobs.admin.job import JobAdmin
from jobs.admin.photo import PhotoAdmin
from jobs.admin.shops import ShopAdmin
from jobs.admin.workers import WorkerAdmin

__all__ = ["InvitationAdmin", "JobAdmin", "PhotoAdmin", "ShareLinkAdmin", "ShopAdmin", "WorkerAdmin"]
