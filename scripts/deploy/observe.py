"""Prints as JSON what the account has seen: for each function its runs and its errors, for each queue its messages."""

import json
import re

from clients import client

# Lambda's own words for a run that failed, and lines that the functions log as errors.
FAILED = re.compile(r'"level":"ERROR"|AccessDenied|Task timed out|\bErrorType\b|Unhandled|Uncaught|^Error: ')


def function(configuration, logs):
    group = configuration.get("LoggingConfig", {}).get("LogGroup") or "/aws/lambda/" + configuration["FunctionName"]
    try:
        pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=group))
    except logs.exceptions.ResourceNotFoundException:
        pages = []
    lines = [event["message"] for page in pages for event in page["events"]]
    return {
        "name": configuration["FunctionName"],
        "runs": sum(line.startswith("START RequestId:") for line in lines),
        "errors": [line.strip() for line in lines if FAILED.search(line)],
    }


def queue(url, sqs):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return {"name": url.rsplit("/", 1)[-1], "messages": sum(int(attributes.get(name, 0)) for name in names)}


logs, sqs = client("logs"), client("sqs")
functions = [
    found for page in client("lambda").get_paginator("list_functions").paginate() for found in page["Functions"]
]
print(
    json.dumps(
        {
            "functions": [function(configuration, logs) for configuration in functions],
            "queues": [queue(url, sqs) for url in sqs.list_queues().get("QueueUrls", [])],
        }
    )
)
