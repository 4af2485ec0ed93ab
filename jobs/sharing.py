"""Links that show one finished ad to people without an account, for a week or until they are taken back.

A link's address is its row's random key, signed: nobody can guess one, and the database alone gives none away.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from jobs.errors import NotFound, Refused
from jobs.models import Artifact, Job, ShareLink

SHARE_LIFETIME = timedelta(days=7)
FORGOTTEN_AFTER = timedelta(days=30)
"""Rows of links that ended so long ago are removed; the link goes on saying that it has ended."""
_SIGNER = signing.Signer(salt="adstudio.share", sep=".")


class LinkOver(Refused):
    """The link was good once: it expired, was taken back, or its ad was deleted."""

    def __init__(self) -> None:
        super().__init__("share.over", status=410)


def share_token(link: ShareLink) -> str:
    return _SIGNER.sign(link.pk.hex)


@transaction.atomic
def share_link_create(*, job: Job, user: User | None = None) -> ShareLink:
    """A link to the finished ad, good for a week from now: the one there is, or a new one. Raises ``Refused``."""
    row = Job.objects.select_for_update().filter(pk=job.pk, deleted_at=None).first()
    if row is None:
        raise NotFound
    if not row.artifacts.filter(kind=Artifact.Kind.FINAL).exists() or row.status != Job.Status.COMPLETED:
        raise Refused("share.no_picture", status=409)
    until = timezone.now() + SHARE_LIFETIME
    link = share_links_of(row).first()
    if link is None:
        return ShareLink.objects.create(job=row, created_by=user, expires_at=until)
    link.expires_at = until
    link.save(update_fields=["expires_at"])
    return link


def share_links_revoke(*, job: Job) -> int:
    """Take back every link to the ad; returns how many were good until now."""
    return share_links_of(job).update(revoked_at=Now())


def share_link_revoke(*, link: ShareLink) -> None:
    """Take back this one; what ended before stays as it ended."""
    ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=Now())


def share_links_of(job: Job) -> QuerySet[ShareLink]:
    """The links to the ad that are good now, newest first."""
    return ShareLink.objects.filter(job=job, revoked_at=None, expires_at__gt=Now())


def shared_picture(token: str) -> Artifact:
    """The one picture that the link shows. Raises ``NotFound`` for a made-up link, ``LinkOver`` for an old one."""
    try:
        key = UUID(hex=_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound("share.not_found") from error
    picture = (
        Artifact.objects.select_related("job__shop")
        .filter(
            kind=Artifact.Kind.FINAL,
            format="",
            job__deleted_at=None,
            job__share_links__pk=key,
            job__share_links__revoked_at=None,
            job__share_links__expires_at__gt=Now(),
        )
        .first()
    )
    if picture is None:
        raise LinkOver
    return picture


def forget_old_links() -> int:
    return ShareLink.objects.filter(expires_at__lt=Now() - FORGOTTEN_AFTER).delete()[0]
