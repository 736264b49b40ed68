"""What the unchanged `openai` client makes of rate limits.

The arguments are a server's address, a key and the limit that the server has in a minute. A client that does
not try again is refused with what OpenAI would say; one that does waits as it is told and succeeds.
"""

import sys

import openai


def main(url, key, limit):
    hasty = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    refused = None
    for _ in range(3 * int(limit)):
        try:
            hasty.models.list()
        except openai.RateLimitError as error:
            refused = error
            break
    assert refused is not None, "nothing was refused"
    assert refused.code == "rate_limit_exceeded", refused.code
    assert refused.type == "requests", refused.type
    headers = refused.response.headers
    assert headers["x-ratelimit-limit-requests"] == limit, headers
    assert headers["x-ratelimit-remaining-requests"] == "0", headers
    assert headers["x-ratelimit-reset-requests"].endswith("s"), headers
    assert int(headers["retry-after"]) >= 1, headers

    patient = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=3)
    for _ in range(2):
        answer = patient.models.with_raw_response.list()
        assert answer.status_code == 200
    assert answer.retries_taken >= 1, "it never had to wait"
    print("refused as OpenAI refuses; patience was enough")


if __name__ == "__main__":
    main(*sys.argv[1:4])
