"""Drives a running Hanok with the unchanged `openai` client.

The argument is the snippet that `hanok quickstart` prints: it is run as it stands, then its client
lists the models and asks again. Exit code 0 means that every answer was what it should be.
"""

import contextlib
import io
import sys

import openai


def main(snippet):
    names = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(open(snippet, encoding="utf-8").read(), snippet, "exec"), names)
    client = names["client"]
    label = printed.getvalue().strip()
    assert label, "the snippet printed nothing"

    models = [model.id for model in client.models.list()]
    tuned = [model for model in models if model.startswith("ft:")]
    assert tuned, f"no tuned model in {models}"
    assert client.models.retrieve(tuned[0]).id == tuned[0]

    answer = client.chat.completions.create(
        model=tuned[0], messages=[{"role": "user", "content": "Where is my parcel?"}]
    )
    assert answer.object == "chat.completion" and answer.model == tuned[0]
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0

    try:
        client.chat.completions.create(model="no-such-model", messages=[{"role": "user", "content": "x"}])
    except openai.NotFoundError as error:
        assert error.code == "model_not_found", error.code
    else:
        raise AssertionError("a model that is not there answered")

    try:
        openai.OpenAI(base_url=client.base_url, api_key="hk_wrong").models.list()
    except openai.AuthenticationError:
        pass
    else:
        raise AssertionError("a wrong key was taken")

    print(f"{len(models)} models; {tuned[0]} answered {label!r}")


if __name__ == "__main__":
    main(sys.argv[1])
