"""Particles in templates.

``{{ shop.name|josa:"을/를" }}`` is the word with its particle in Korean, the word alone in English. Where the word
stands in quotes or in markup, ``{{ shop.name|particle:"을/를" }}`` is the particle, or nothing in English.
"""

from __future__ import annotations

from django import template

from adstudio.josa import particle_after, with_josa

register = template.Library()
register.filter("josa", with_josa)
register.filter("particle", particle_after)
