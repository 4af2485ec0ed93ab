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
    """What the shop sells. Each has its words in ``generation/prompts/copy/trades``."""

    CAFE = "cafe", _("카페")
    BAKERY = "bakery", _("베이커리")
    RICE_CAKE = "rice-cake", _("떡집")
    RESTAURANT = "restaurant", _("음식점")
    CHICKEN = "chicken", _("치킨")
    SNACK = "snack", _("분식")
    GRILL = "grill", _("고깃집")
    SIDE_DISHES = "side-dishes", _("반찬")
    BUTCHER = "butcher", _("정육점")
    FISH = "fish", _("수산·건어물")
    FRUIT = "fruit", _("과일·채소")
    FLORIST = "florist", _("꽃집")
    COSMETICS = "cosmetics", _("화장품")
    FASHION = "fashion", _("의류·잡화")
    SELECT_SHOP = "select-shop", _("편집숍·소품")
    HAIR = "hair", _("미용실")
    NAIL = "nail", _("네일")
    PET = "pet", _("반려동물")
    GYM = "gym", _("운동·헬스")
    ACADEMY = "academy", _("학원")
    LODGING = "lodging", _("호텔·펜션")
    LAUNDRY = "laundry", _("세탁")
    AUTO_REPAIR = "auto-repair", _("카센터")
    OTHER = "other", _("기타")


class Tone(models.TextChoices):
    """How the shop speaks in the headlines that are suggested to it."""

    WARM = "warm", _("다정한")
    REFINED = "refined", _("고급스러운")
    LIVELY = "lively", _("활기찬")
    PLAIN = "plain", _("담백한")


hex_color = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("#RRGGBB 형식으로 적어 주세요."))


def new_callback_secret() -> str:
    """A key as the Standard Webhooks specification writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def logo_path(shop: Shop, filename: str) -> str:
    """Another name for each logo, so that none is served from a cache for the next one."""
    return f"logos/{shop.pk}/logo-{secrets.token_hex(4)}.png"


class Shop(models.Model):
    """A merchant's shop: owns its photos, jobs and tokens."""

    slug = models.SlugField(_("주소 이름"), max_length=60, unique=True)
    name = models.CharField(_("가게 이름"), max_length=80)
    industry = models.CharField(_("업종"), max_length=20, choices=Industry.choices, default=Industry.OTHER)
    brand_color = models.CharField(_("브랜드 색"), max_length=7, blank=True, validators=[hex_color])
    accent_color = models.CharField(_("포인트 색"), max_length=7, blank=True, validators=[hex_color])
    logo = models.FileField(_("로고"), upload_to=logo_path, max_length=200, blank=True)
    """A PNG with transparency, cleaned by ``jobs.brand``."""
    default_font = models.CharField(_("기본 글꼴"), max_length=120, blank=True)
    tone = models.CharField(_("말투"), max_length=10, choices=Tone.choices, blank=True)
    default_formats = models.JSONField(_("자주 쓰는 규격"), default=list, blank=True)
    """Keys of the channel formats, in the shop's own order; checked by ``jobs.brand``."""
    ai_label = models.BooleanField(_("AI 표시"), default=False, db_default=False)
    """Whether ads that a model painted parts of say so in a corner, unless a request says otherwise."""
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


class Invitation(models.Model):
    """Asks somebody to work in the shop. Only a SHA-256 of the link's secret is stored; it serves once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("이메일"), blank=True)
    """Where it was sent; empty for a link that is handed over otherwise."""
    role = models.CharField(
        _("역할"), max_length=10, choices=Membership.Role.choices, default=Membership.Role.STAFF
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="invitations_made"
    )
    created_at = models.DateTimeField(_("만든 날"), default=timezone.now)
    expires_at = models.DateTimeField(_("기한"))
    renewals = models.PositiveSmallIntegerField(_("다시 보낸 횟수"), default=0)
    accepted_at = models.DateTimeField(_("수락"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(_("취소"), null=True, blank=True)

    class Meta:
        verbose_name = _("초대")
        verbose_name_plural = _("초대")
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                "shop",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None) & ~Q(email=""),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=Q(role__in=["owner", "staff"]), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_ends_one_way"
            ),
        )

    def __str__(self) -> str:
        return f"{self.email or self.pk} → {self.shop}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class ApiToken(models.Model):
    """A program's key to one shop. Only a SHA-256 of it is stored; ``prefix`` lets people recognise it."""

    class Scope(models.TextChoices):
        READ = "read", _("읽기")
        WRITE = "write", _("읽기·쓰기")

    class State(models.TextChoices):
        LIVE = "live", _("사용 중")
        EXPIRED = "expired", _("만료됨")
        REVOKED = "revoked", _("폐기됨")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("이름"), max_length=60)
    scope = models.CharField(_("접근 권한"), max_length=10, choices=Scope.choices, default=Scope.WRITE)
    prefix = models.CharField(_("앞자리"), max_length=12)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    rate_per_minute = models.PositiveIntegerField(
        _("1분 요청 한도"), null=True, blank=True, help_text=_("비우면 서비스의 한도, 0이면 한도 없음")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("만든 사람"),
    )
    """None for one made by ``manage.py api_token``."""
    created_at = models.DateTimeField(_("만든 날"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("마지막 사용"), null=True, blank=True)
    expires_at = models.DateTimeField(_("기한"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("폐기"), null=True, blank=True)

    class Meta:
        verbose_name = _("API 토큰")
        verbose_name_plural = _("API 토큰")
        constraints = (
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="token_scope_known"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def can_write(self) -> bool:
        return self.scope == self.Scope.WRITE

    @property
    def state(self) -> State:
        if self.revoked_at is not None:
            return self.State.REVOKED
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.State.EXPIRED if expired else self.State.LIVE

    @property
    def rate_limit(self) -> int:
        """Requests a minute: the token's own limit, else the service's; 0 is none."""
        return settings.API_TOKEN_RATE if self.rate_per_minute is None else self.rate_per_minute
