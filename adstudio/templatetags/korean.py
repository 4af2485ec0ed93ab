"""``{{ shop.name|josa:"을/를" }}``: the word with its particle in Korean, the word alone in English."""

from __future__ import annotations

from django import template

from adstudio.josa import with_josa

register = template.Library()
register.filter("josa", with_josa)
