"""Queues measured, processes that say how they are, and pages that are told."""

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from threading import Timer
from threading import enumerate as running_threads
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import channel_layers, get_channel_layer
from django.utils import timezone

from consumers.broker import Outgoing
from consumers.brokers import connect
from consumers.envelope import INTAKE_QUEUE, INTAKE_SUBSCRIBER
from consumers.errors import BrokerUnavailable
from tests.dashboard.plans import plans
from tests.workflow_processor.letters import SUBSCRIBER, message, take_in
from tests.workflow_processor.test_relay import Post
from workflow_processor import health, live, queues
from workflow_processor.models import ProcessHealth, QueueSample

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(valkey_url: str) -> Iterator[Post]:
    post = Post(valkey_url)
    take_in(post.failed())
    yield post
    post.broker.close()


def samples(post: Post) -> dict[str, QueueSample]:
    return {sample.queue: sample for sample in queues.sample(post.broker)}


def a_second_ago() -> None:
    QueueSample.objects.update(at=timezone.now() - timedelta(seconds=1))


def test_the_queues_of_all_sources_and_the_intake_are_measured(post: Post) -> None:
    assert samples(post).keys() == {post.queue}, "the intake is not there yet"
    post.broker.declare(INTAKE_QUEUE, INTAKE_SUBSCRIBER)
    post.broker.publish([Outgoing(post.queue, message()), Outgoing(post.queue, message())])
    found = samples(post)
    assert found.keys() == {post.queue, INTAKE_QUEUE}
    assert (found[post.queue].ready, found[INTAKE_QUEUE].ready) == (2, 0)
    assert QueueSample.objects.count() == 3


def test_rates_are_what_the_counters_gained_since_the_sample_before(post: Post) -> None:
    assert samples(post)[post.queue].rate_in is None
    a_second_ago()
    post.broker.publish([Outgoing(post.queue, message()) for _ in range(10)])
    with post.broker.subscribe(post.queue, SUBSCRIBER) as subscription:
        subscription.acknowledge(subscription.receive(4, 1))
    sample = samples(post)[post.queue]
    assert sample.rate_in == pytest.approx(10, rel=0.2)
    assert sample.rate_out == pytest.approx(4, rel=0.2)


def test_a_counter_that_was_reset_gives_no_rate(post: Post) -> None:
    samples(post)
    a_second_ago()
    QueueSample.objects.update(entered=1_000, left=1_000)
    sample = samples(post)[post.queue]
    assert (sample.rate_in, sample.rate_out) == (None, None)


def test_a_rate_is_not_told_over_a_gap(post: Post) -> None:
    samples(post)
    QueueSample.objects.update(at=timezone.now() - timedelta(minutes=5))
    assert samples(post)[post.queue].rate_in is None


def test_the_latest_sample_of_each_queue_is_found_past_all_others() -> None:
    now = timezone.now()
    for queue, subscriber, seconds in (
        *(("a", "x", number) for number in range(600)),
        *(("a", "y", number) for number in range(20, 600)),
        *(("b", "", number) for number in range(100, 600)),
    ):
        QueueSample.objects.create(queue=queue, subscriber=subscriber, at=now - timedelta(seconds=seconds))
    found = [(one.queue, one.subscriber, one.at) for one in queues.latest(now - timedelta(seconds=60))]
    assert found == [("a", "x", now), ("a", "y", now - timedelta(seconds=20))]
    with plans() as read:
        queues.latest(now - timedelta(seconds=60))
    assert read[-1].read(frozenset(["queue_sample"])) <= 4
    assert not queues.latest(now)


def test_an_unreachable_broker_gives_no_sample(post: Post) -> None:
    with connect("valkey://127.0.0.1:1/0") as broker, pytest.raises(BrokerUnavailable):
        queues.sample(broker)
    assert not QueueSample.objects.exists()


def test_samples_are_shown_by_the_name_of_their_source(post: Post) -> None:
    shown = queues.shown(queues.sample(post.broker))
    assert shown[f"{post.queue} › {SUBSCRIBER}"]["ready"] == 0


def test_old_samples_are_forgotten(post: Post) -> None:
    samples(post)
    QueueSample.objects.update(at=timezone.now() - queues.KEPT - timedelta(minutes=1))
    samples(post)
    queues.forget()
    assert QueueSample.objects.count() == 1


def test_a_process_says_that_it_is_there_and_writes_only_now_and_then() -> None:
    health.beat("intake")
    first = ProcessHealth.objects.get()
    assert (first.kind, first.working, first.note) == ("intake", True, "")
    assert first.name.endswith(f" {os.getpid()}")
    ProcessHealth.objects.update(seen_at=first.seen_at - timedelta(seconds=1))
    health.beat("intake")
    assert ProcessHealth.objects.get().seen_at == first.seen_at - timedelta(seconds=1)
    ProcessHealth.objects.update(seen_at=first.seen_at - timedelta(seconds=10))
    health.beat("intake")
    assert ProcessHealth.objects.get().seen_at >= first.seen_at


def test_news_of_a_process_are_written_at_once() -> None:
    health.beat("intake")
    health.beat("intake", working=False, note="the broker is away")
    told = ProcessHealth.objects.get()
    assert (told.working, told.note) == (False, "the broker is away")


def test_processes_that_are_long_gone_are_forgotten() -> None:
    health.beat("intake")
    health.forget()
    assert ProcessHealth.objects.exists()
    ProcessHealth.objects.update(seen_at=timezone.now() - health.FORGOTTEN - timedelta(minutes=1))
    health.forget()
    assert not ProcessHealth.objects.exists()


@pytest.fixture
def announcer(valkey_url: str) -> live._Announcer:
    return live._Announcer()


def heard(announce: Any, count: int) -> list[dict[str, Any]]:
    """What a page that listens hears while something is announced."""

    async def listen() -> list[dict[str, Any]]:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(live.GROUP, channel)
        await asyncio.to_thread(announce)
        found = [await asyncio.wait_for(layer.receive(channel), 10) for _ in range(count)]
        await layer.close_pools()
        return found

    return async_to_sync(listen)()


def test_an_open_page_hears_figures_and_hints(announcer: live._Announcer) -> None:
    def announce() -> None:
        announcer.announce("figures", {"at": 1.5, "figures": {"parked": 3}})
        announcer.announce("changed", {})

    assert heard(announce, 2) == [
        {"type": "live.message", "kind": "figures", "at": 1.5, "figures": {"parked": 3}},
        {"type": "live.message", "kind": "changed"},
    ]


def test_changes_in_quick_succession_are_one_hint_at_once_and_one_when_they_are_over(
    announcer: live._Announcer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "monotonic", lambda: 100.0)  # all at one moment, however long it takes

    def announce() -> None:
        for _ in range(20):
            announcer.announce("changed", {})
        announcer.announce("queues", {"queues": {}})
        for thread in running_threads():
            if isinstance(thread, Timer):  # it sends from a loop of its own, which ends with it
                thread.join()

    assert [one["kind"] for one in heard(announce, 3)] == ["changed", "queues", "changed"]


def test_a_layer_that_is_down_is_said_once_and_stops_nobody(
    announcer: live._Announcer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    down = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": ["redis://127.0.0.1:1"]}}
    with monkeypatch.context() as patched:
        patched.setattr(channel_layers, "backends", {})
        patched.setattr(type(channel_layers), "configs", {"default": down})
        for _ in range(3):
            announcer.announce("figures", {})
    assert [record.getMessage() for record in caplog.records] == ["pages-are-not-told error=ConnectionError"]
