"""Several hosts: one with the data, one with web processes, two with workers, and what happens when they come and go.

``make hosts`` gives each a network namespace with an address of its own where this machine lets it, else a folder of
its own. ``test_two_webs.py`` is the part that every run of the suite affords.
"""
