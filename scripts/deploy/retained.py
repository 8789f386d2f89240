"""Prints as JSON the tables and secrets of a stack by their logical ids: what stays when the stack is gone.

The stack's name is the argument.
"""

import json
import sys

from clients import client


def table(name):
    described = client("dynamodb").describe_table(TableName=name)["Table"]
    return {"name": name, "arn": described["TableArn"], "streamArn": described.get("LatestStreamArn")}


pages = client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=sys.argv[1])
resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
secrets = client("secretsmanager")


def of_type(kind, describe):
    return {
        resource["LogicalResourceId"]: describe(resource["PhysicalResourceId"])
        for resource in resources
        if resource["ResourceType"] == kind
    }


print(
    json.dumps(
        {
            "tables": of_type("AWS::DynamoDB::Table", table),
            "secrets": of_type(
                "AWS::SecretsManager::Secret", lambda name: secrets.describe_secret(SecretId=name)["ARN"]
            ),
        }
    )
)
