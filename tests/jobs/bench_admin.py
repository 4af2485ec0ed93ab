"""How fast support's pages are with a hundred thousand jobs. Prints medians; asserts nothing.

Not collected with the tests: ``pytest tests/jobs/bench_admin.py -s``.
"""

from __future__ import annotations

import time
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Shop
from jobs.models import Job
from tests.jobs import factories
from tests.jobs.admin import people

JOBS, SHOPS, DAYS = 100_000, 400, 365
RUNS = 7

_FILL = """
INSERT INTO jobs_job (id, shop_id, title, request, request_version, engine, seed, status, current_step, sub_step,
    progress_percent, message_code, error_code, error_context, notes, sequence, attempts, worker, step_seconds,
    favourite, brand,
    queued_at, started_at, finished_at)
SELECT gen_random_uuid(), shops.ids[1 + (n * 7919 %% array_length(shops.ids, 1))],
    (ARRAY['오늘만 반값', '신메뉴 출시', '봄맞이 세일', '주말 특가', 'Grand Opening'])[1 + n %% 5] || ' ' || n,
    jsonb_build_object('text_content', '오늘만 반값 ' || n, 'bg_prompt', repeat('cafe table in sunlight ', 8)), 1,
    CASE WHEN n %% 50 = 0 THEN 'diffusion' ELSE 'studio' END, n,
    CASE WHEN n %% 25 = 0 THEN 'failed' WHEN n %% 40 = 1 THEN 'stopped' ELSE 'completed' END, 'step3_composite', '',
    CASE WHEN n %% 25 = 0 OR n %% 40 = 1 THEN 40 ELSE 100 END, 'job.completed',
    CASE WHEN n %% 25 = 0 THEN (ARRAY['photo.no_product', 'generation.failed', 'job.worker_lost', 'text.too_long'])
        [1 + n / 25 %% 4] ELSE '' END,
    '{}', '[]', 3, 1, '', '{}', false, '{}', at, at + interval '1 second', at + interval '6 seconds'
FROM generate_series(1, %s) n, LATERAL (SELECT now() - random() * interval '%s days' + n * interval '0' AS at) t,
    (SELECT array_agg(id ORDER BY id) AS ids FROM accounts_shop) shops
"""
_PICTURES = """
INSERT INTO jobs_artifact
    (id, job_id, kind, format, attempt, file, content_type, width, height, size, sha256, created_at)
SELECT gen_random_uuid(), id, kind, '', 1, 'jobs/' || id || '/' || kind || '.png', 'image/png', 1024, 1024, 1500000,
    repeat('a', 64), queued_at
FROM jobs_job, unnest(ARRAY['cutout', 'step1_result', 'step2_result', 'final_result']) kind
"""


@pytest.fixture
def filled(db: None) -> None:
    owner = factories.person()
    Shop.objects.bulk_create([Shop(slug=f"bench-{number}", name=f"가게 {number}") for number in range(SHOPS)])
    factories.shop(owner=owner)
    with connection.cursor() as cursor:
        cursor.execute(_FILL, [JOBS, DAYS])
        cursor.execute(_PICTURES)
        cursor.execute("ANALYZE jobs_job, jobs_artifact, accounts_shop")


@pytest.mark.timeout(900)
def test_figures(filled: None) -> None:
    client = people.superuser()
    job = Job.objects.order_by("queued_at")[JOBS // 2]
    jobs = "/admin/jobs/job/"
    pages = {
        "jobs, newest": jobs,
        "jobs, page 150": f"{jobs}?p=150",
        "jobs, failed": f"{jobs}?status__exact=failed",
        "jobs, waiting (none)": f"{jobs}?status__exact=pending",
        "jobs, one error code": f"{jobs}?error=job.worker_lost",
        "jobs, diffusion": f"{jobs}?engine__exact=diffusion",
        "jobs, one shop": f"{jobs}?shop=bench-7",
        "jobs, one shop's failed": f"{jobs}?shop=bench-7&status__exact=failed",
        "jobs, last 7 days": f"{jobs}?since=7",
        "search, id prefix": f"{jobs}?q={str(job.pk)[:8]}",
        "search, word in many titles": f"{jobs}?q=반값",
        "search, word in no title": f"{jobs}?q=없는말",
        "search, shop's name": f"{jobs}?q=가게 7",
        "one job": f"{jobs}{job.pk}/change/",
        "usage, 30 days": f"{jobs}usage/",
        "usage, 90 days": f"{jobs}usage/?days=90",
        "usage, 90 days, one shop": f"{jobs}usage/?days=90&shop=bench-7",
        "usage as a file, 90 days": f"{jobs}usage.csv?days=90",
        "shops": "/admin/accounts/shop/",
        "one shop": f"/admin/accounts/shop/{job.shop_id}/change/",
        "workers": "/admin/jobs/workerstate/",
        "index": "/admin/",
    }
    print(f"\n\n{JOBS:,} jobs, {4 * JOBS:,} pictures, {SHOPS} shops; median of {RUNS} runs\n")
    print(f"{'page':<32}{'ms':>7}{'of it SQL':>11}{'queries':>9}")
    for name, url in pages.items():
        whole, sql, number = [], [], 0
        for _ in range(RUNS + 1):
            with CaptureQueriesContext(connection) as queries:
                began = time.perf_counter()
                assert client.get(url).status_code == 200, url
                whole.append(time.perf_counter() - began)
            sql.append(sum(float(query["time"]) for query in queries.captured_queries))
            number = len(queries)
        print(f"{name:<32}{median(whole[1:]) * 1000:>7.0f}{median(sql[1:]) * 1000:>11.0f}{number:>9}")
