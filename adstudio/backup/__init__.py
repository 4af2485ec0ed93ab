"""Backups: the database and the files it names, as they belonged together at one moment, in one checked archive.

``archive`` knows the file's form, ``database`` talks to Postgres's own programs, ``taking`` and ``restoring`` are what
``manage.py backup`` and ``manage.py restore`` do.
"""
