"""A CDS Hooks service on HealthChain with one plain rule: buttock pain on the problem list makes one card.

Runs in an environment of its own: python serve.py PORT
"""
# mypy: ignore-errors
# (HealthChain is not among this project's dependencies.)

import sys

import uvicorn
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models import Card, CDSRequest, CDSResponse

service = CDSHooksService()


@service.hook("patient-view", id="one-rule")
def one_rule(request: CDSRequest) -> CDSResponse:
    """Works on the prefetch as dictionaries, which costs HealthChain least."""
    for entry in (request.prefetch or {}).get("conditions", {}).get("entry", ()):
        codings = entry["resource"].get("code", {}).get("coding", ())
        if any(coding.get("code") == "279043006" for coding in codings):
            return CDSResponse(
                cards=[Card(summary="Buttock pain on file", indicator="info", source={"label": "bench"})]
            )
    return CDSResponse(cards=[])


app = HealthChainAPI()
app.register_service(service)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
