"""Who: people, their shops and the tokens of their programs."""

from __future__ import annotations

import base64
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserQuerySet(BaseUserManager["User"]):
    """Creates people; named as Django's own commands expect."""

    def create_user(self, email: str | None = None, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in by e-mail; an account made through Kakao or Naver may have none."""

    email = models.EmailField(_("이메일"), unique=True, null=True, blank=True)
    name = models.CharField(_("이름"), max_length=60, blank=True)
    is_staff = models.BooleanField(_("운영자"), default=False)
    is_active = models.BooleanField(_("활성"), default=True)
    date_joined = models.DateTimeField(_("가입일"), default=timezone.now)
    terms_accepted_at = models.DateTimeField(_("이용약관 동의"), null=True, blank=True)
    privacy_accepted_at = models.DateTimeField(_("개인정보 처리 동의"), null=True, blank=True)

    objects: ClassVar[UserQuerySet] = UserQuerySet()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("사용자")
        verbose_name_plural = _("사용자")
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_unique_ci"),)

    def __str__(self) -> str:
        return self.email or self.name or f"#{self.pk}"


class Industry(models.TextChoices):
    CAFE = "cafe", _("카페")
    BAKERY = "bakery", _("베이커리")
    RESTAURANT = "restaurant", _("음식점")
    FRUIT = "fruit", _("과일·채소")
    FISH = "fish", _("수산·건어물")
    SIDE_DISHES = "side-dishes", _("반찬")
    COSMETICS = "cosmetics", _("화장품")
    FASHION = "fashion", _("의류·잡화")
    FLORIST = "florist", _("꽃집")
    PET = "pet", _("반려동물")
    OTHER = "other", _("기타")


hex_color = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("#RRGGBB 형식으로 적어 주세요."))


def new_callback_secret() -> str:
    """A key as the Standard Webhooks specification writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class Shop(models.Model):
    """A merchant's shop: owns its photos, jobs and tokens."""

    slug = models.SlugField(_("주소 이름"), max_length=60, unique=True)
    name = models.CharField(_("가게 이름"), max_length=80)
    industry = models.CharField(_("업종"), max_length=20, choices=Industry.choices, default=Industry.OTHER)
    brand_color = models.CharField(_("브랜드 색"), max_length=7, blank=True, validators=[hex_color])
    accent_color = models.CharField(_("포인트 색"), max_length=7, blank=True, validators=[hex_color])
    logo = models.ImageField(_("로고"), upload_to="logos/", blank=True)
    default_font = models.CharField(_("기본 글꼴"), max_length=120, blank=True)
    daily_jobs = models.PositiveIntegerField(_("하루 작업 한도"), null=True, blank=True)
    callback_secret = models.CharField(
        _("콜백 서명 키"), max_length=60, default=new_callback_secret, editable=False
    )
    """Signs what the shop's ``callback_url`` is told; kept as it is, because signing needs it."""
    photo_to_openai_at = models.DateTimeField(_("사진을 OpenAI로 보내기 동의"), null=True, blank=True)
    """Without it no photo of the shop ever goes there; see ``accounts.consents``."""
    photo_to_openai_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("만든 날"), auto_now_add=True)
    members: models.ManyToManyField[User, Membership] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="shops"
    )

    class Meta:
        verbose_name = _("가게")
        verbose_name_plural = _("가게")

    def __str__(self) -> str:
        return self.name

    @property
    def daily_job_limit(self) -> int:
        """Jobs the shop may submit in a day: its own limit, else the service's."""
        return settings.SHOP_DAILY_JOBS if self.daily_jobs is None else self.daily_jobs


class Membership(models.Model):
    """Who works in which shop."""

    class Role(models.TextChoices):
        OWNER = "owner", _("주인")
        STAFF = "staff", _("직원")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("역할"), max_length=10, choices=Role.choices, default=Role.OWNER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("구성원")
        verbose_name_plural = _("구성원")
        constraints = (
            models.UniqueConstraint(fields=["user", "shop"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=["owner", "staff"]), name="membership_role_known"),
        )

    def __str__(self) -> str:
        return f"{self.user} @ {self.shop}"


class ApiToken(models.Model):
    """A program's key to one shop. Only a SHA-256 of it is stored; ``prefix`` lets people recognise it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("이름"), max_length=60)
    prefix = models.CharField(_("앞자리"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("만든 날"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("마지막 사용"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("폐기"), null=True, blank=True)

    class Meta:
        verbose_name = _("API 토큰")
        verbose_name_plural = _("API 토큰")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
