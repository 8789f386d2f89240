"""Clients of the emulator. Settings (endpoint, credentials, certificate) come from the usual AWS_ variables."""

import os

import botocore.session

session = botocore.session.get_session()


def client(service):
    return session.create_client(
        service,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region_name=os.environ["AWS_REGION"],
        verify=os.environ["AWS_CA_BUNDLE"],
    )
