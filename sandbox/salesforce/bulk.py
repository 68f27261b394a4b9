"""Bulk API 2.0: its routes."""

from collections.abc import Callable

from werkzeug import Response

from sandbox.salesforce import bulkingest, bulkquery

ROUTES: list[tuple[str, str, Callable[..., Response]]] = [
    ("POST", "/jobs/query", bulkquery.create),
    ("GET", "/jobs/query", bulkquery.every),
    ("GET", "/jobs/query/<job_id>", bulkquery.read),
    ("PATCH", "/jobs/query/<job_id>", bulkquery.change),
    ("DELETE", "/jobs/query/<job_id>", bulkquery.delete),
    ("GET", "/jobs/query/<job_id>/results", bulkquery.results),
    ("POST", "/jobs/ingest", bulkingest.create),
    ("GET", "/jobs/ingest", bulkingest.every),
    ("GET", "/jobs/ingest/<job_id>", bulkingest.read),
    ("PATCH", "/jobs/ingest/<job_id>", bulkingest.change),
    ("DELETE", "/jobs/ingest/<job_id>", bulkingest.delete),
    ("PUT", "/jobs/ingest/<job_id>/batches", bulkingest.upload),
    ("GET", "/jobs/ingest/<job_id>/successfulResults", bulkingest.successful),
    ("GET", "/jobs/ingest/<job_id>/failedResults", bulkingest.failed),
    ("GET", "/jobs/ingest/<job_id>/unprocessedrecords", bulkingest.unprocessed),
    ("GET", "/jobs/ingest/<job_id>/unprocessedRecords", bulkingest.unprocessed),
]
