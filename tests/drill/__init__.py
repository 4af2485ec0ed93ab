"""The fault drill: the whole system under work while its processes, servers and disk fail in random order.

``python -m tests.drill`` (``make drill``) prints what was done and a table of promises, and ends with 1 when one broke.
"""
