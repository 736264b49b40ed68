"""Drives fine-tuning, chat and embeddings of a running Hanok with the unchanged `openai` client.

Arguments: base URL, API key, name of an imported decoder, a JSONL file with `messages` rows. Exit code 0
means that every answer was what it should be.
"""

import sys
import time

import openai


def tune(client, model, path):
    with open(path, "rb") as data:
        file = client.files.create(file=data, purpose="fine-tune")
    assert file.object == "file" and file.purpose == "fine-tune" and file.bytes > 0
    assert client.files.retrieve(file.id).id == file.id
    assert file.id in [f.id for f in client.files.list(purpose="fine-tune")]
    assert client.files.content(file.id).read() == open(path, "rb").read()

    job = client.fine_tuning.jobs.create(
        model=model,
        training_file=file.id,
        suffix="end to end",
        seed=1,
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": 8}}},
        extra_body={"hanok": {"lora": {"rank": 4}}},
    )
    assert job.object == "fine_tuning.job" and job.model == model
    assert job.status in ("validating_files", "queued", "running"), job.status
    deadline = time.monotonic() + 180
    while job.status not in ("succeeded", "failed", "cancelled"):
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
        job = client.fine_tuning.jobs.retrieve(job.id)
    assert job.status == "succeeded", job.error
    assert job.trained_tokens > 0 and job.finished_at >= job.created_at

    events = list(client.fine_tuning.jobs.list_events(job.id, limit=50))
    assert events[0].created_at >= events[-1].created_at
    losses = [e.data["train_loss"] for e in events if e.type == "metrics" and e.data.get("train_loss")]
    assert losses, [e.message for e in events]
    assert events[-1].message.startswith("Created fine-tuning job")
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
    assert len(checkpoints) == 1 and checkpoints[0].step_number > 0, checkpoints
    assert checkpoints[0].fine_tuned_model_checkpoint.startswith(job.fine_tuned_model)
    assert job.id in [j.id for j in client.fine_tuning.jobs.list(limit=10)]
    return job.fine_tuned_model


def chat(client, model):
    assert model in [m.id for m in client.models.list()]
    ask = dict(model=model, messages=[{"role": "user", "content": "Hello?"}], temperature=0, max_tokens=16)
    whole = client.chat.completions.create(**ask)
    assert whole.choices[0].message.role == "assistant"
    assert whole.usage.completion_tokens <= 16 and whole.usage.prompt_tokens > 0
    stream = client.chat.completions.create(stream=True, stream_options={"include_usage": True}, **ask)
    text, usage, reason = "", None, None
    for chunk in stream:
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reason = choice.finish_reason or reason
    assert text == whole.choices[0].message.content, (text, whole)
    assert usage == whole.usage and reason == whole.choices[0].finish_reason
    several = client.chat.completions.create(n=2, seed=3, **{**ask, "temperature": 1})
    assert len(several.choices) == 2
    try:
        long = "word " * 4000
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": long}])
    except openai.BadRequestError as error:
        assert error.code == "context_length_exceeded", error
    else:
        raise AssertionError("a prompt longer than the context was answered")
    return text


def embed(client):
    both = client.embeddings.create(model="hanok-encoder", input=["one text", "another"])
    assert len(both.data) == 2 and len(both.data[0].embedding) > 8
    floats = client.embeddings.create(model="hanok-encoder", input="one text", encoding_format="float")
    assert all(abs(a - b) < 1e-6 for a, b in zip(floats.data[0].embedding, both.data[0].embedding))


def refused(client, model):
    try:
        client.fine_tuning.jobs.create(model=model, training_file="file-none")
    except openai.UnprocessableEntityError as error:
        assert error.param == "training_file", error
    else:
        raise AssertionError("a file that is not there was taken")
    try:
        client.models.delete(model)
    except openai.ConflictError as error:
        assert error.code == "model_in_use", error
    else:
        raise AssertionError("a model under an adapter was deleted")


def main(url, key, model, path):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    tuned = tune(client, model, path)
    text = chat(client, tuned)
    embed(client)
    refused(client, model)
    print(f"{tuned} answered {text!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])
