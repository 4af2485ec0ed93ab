"""What support works with in the admin: jobs, photos, workers, shops, usage."""

from jobs.admin.job import JobAdmin
from jobs.admin.photo import PhotoAdmin
from jobs.admin.shops import ShopAdmin
from jobs.admin.workers import WorkerAdmin

__all__ = ["JobAdmin", "PhotoAdmin", "ShopAdmin", "WorkerAdmin"]
