"""The process runner: what it streams, how it ends, what it keeps to itself."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from backend.core.errors import StorageFailed, ToolMissing
from backend.drivers.process import Command, run
from backend.drivers.process_channel import Events
from backend.drivers.process_env import minimal_env
from backend.engine.target import CancelToken

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="uses sh")
REPOSITORY = Path(__file__).parents[2]

SAY = [sys.executable, "-c"]


def python(code: str, **options: object) -> Command:
    return Command([*SAY, code], **options)  # type: ignore[arg-type]


def wait_until(condition: object, timeout_s: float = 40.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_lines_arrive_while_the_process_still_runs() -> None:
    arrived: list[float] = []
    code = "import time; print('one', flush=True); time.sleep(0.5); print('two')"
    run(python(code), on_line=lambda stream, text: arrived.append(time.monotonic()))
    assert len(arrived) == 2 and arrived[1] - arrived[0] > 0.4


def test_a_last_line_without_a_newline_arrives_too() -> None:
    lines: list[tuple[str, str]] = []
    done = run(python("print('Waiting for database....', end='')"), on_line=lambda *line: lines.append(line))
    assert lines == [("stdout", "Waiting for database....")]
    assert done.stdout == "Waiting for database...."


def test_both_streams_are_kept_apart_and_bad_utf8_is_replaced() -> None:
    done = run(python("import os; os.write(1, b'\\xff\\r\\n'); os.write(2, 'ä\\n'.encode())"))
    assert (done.stdout, done.stderr, done.exit_code) == ("\ufffd\r\n", "ä\n", 0)


def test_a_line_of_many_megabytes_comes_in_pieces() -> None:
    sizes: list[int] = []
    run(python("print('x' * 3_000_000)"), on_line=lambda stream, text: sizes.append(len(text)))
    assert sum(sizes) == 3_000_000 and max(sizes) <= 1 << 20


def test_the_exit_code_of_a_signal_is_negative() -> None:
    assert run(python("import os; os.abort()")).exit_code == -signal.SIGABRT


def test_only_the_minimal_environment_and_what_is_given_reach_the_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPASSWORD", "someone else's")
    monkeypatch.setenv("DBMATE_STRICT", "true")
    done = run(python("import os; print(sorted(os.environ))", env={"DATABASE_URL": "sqlite:x"}))
    assert "DATABASE_URL" in done.stdout and "PATH" in done.stdout
    assert "PGPASSWORD" not in done.stdout and "DBMATE_STRICT" not in done.stdout
    assert "PGPASSWORD" not in minimal_env()


def test_no_secret_is_in_the_repr_of_a_command_or_its_end() -> None:
    command = python("print(input())", env={"PGPASSWORD": "geheim"}, stdin="geheim")
    done = run(command)
    assert done.stdout.strip() == "geheim"
    assert "geheim" not in repr(command) + repr(done)


def test_a_nul_byte_in_the_environment_is_refused_without_repeating_it() -> None:
    with pytest.raises(ToolMissing) as caught:
        run(python("pass", env={"PGPASSWORD": "gehe\0im"}))
    assert "gehe" not in str(caught.value) + repr(caught.value.details)


def test_standard_input_is_text_or_a_file_and_is_otherwise_at_its_end(tmp_path: Path) -> None:
    read = "import sys; sys.stdout.write(sys.stdin.read())"
    (tmp_path / "in.sql").write_text("from a file")
    assert run(python(read, stdin="ü" * 200_000)).stdout == "ü" * 200_000
    assert run(python(read, stdin=tmp_path / "in.sql")).stdout == "from a file"
    assert run(python(read)).stdout == ""


def test_a_child_that_does_not_read_its_input_is_no_error() -> None:
    assert run(python("pass", stdin="x" * 5_000_000)).exit_code == 0


def test_standard_output_can_go_to_a_file(tmp_path: Path) -> None:
    done = run(python("print('dump')", stdout_to=tmp_path / "out.sql"))
    assert (tmp_path / "out.sql").read_text() == "dump\n" and done.stdout == ""


def test_standard_error_can_go_to_a_file(tmp_path: Path) -> None:
    done = run(python("import sys; print(1); print(2, file=sys.stderr)", stderr_to=tmp_path / "said.txt"))
    assert (tmp_path / "said.txt").read_text() == "2\n" and (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("kind", ["fd", "stderr", "auto"])
def test_events_come_apart_from_what_is_printed(kind: Events) -> None:
    code = """
import os, sys
kind, _, value = os.environ["DB_TOOLKIT_EVENTS"].partition(":")
def tell(line):
    if kind == "fd": os.write(int(value), (line + "\\n").encode())
    else: os.write(2, (value + line + "\\n").encode())
os.write(2, b'{"fake": 1}\\n')
os.write(2, b'no newline here')
tell('{"done": "a.js"}')
tell('[not json')
tell('{"done": "b.js"}')
os.write(2, b'end\\n')
"""
    events: list[dict[str, object]] = []
    done = run(python(code, events=kind), on_event=events.append)
    assert events == [{"done": "a.js"}, {"done": "b.js"}]
    assert done.stderr.replace("\n", "") == '{"fake": 1}no newline hereend'


def test_a_failing_listener_is_logged_and_does_not_disturb_the_run(caplog: pytest.LogCaptureFixture) -> None:
    def fails(stream: str, text: str) -> None:
        raise RuntimeError("listener")

    with caplog.at_level(logging.ERROR):
        done = run(python("print(1); print(2)"), on_line=fails)
    assert done.exit_code == 0 and done.stdout == "1\n2\n"
    assert len(caplog.records) == 2


def test_callbacks_never_run_two_at_a_time() -> None:
    inside = 0
    most = 0

    def count(stream: str, text: str) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.001)
        inside -= 1

    code = "import sys\nfor i in range(50): print(i); print(i, file=sys.stderr)"
    run(python(code), on_line=count)
    assert most == 1


def test_a_missing_program_is_tool_missing() -> None:
    with pytest.raises(ToolMissing, match="no-such-tool could not be started"):
        run(Command(["/nowhere/no-such-tool"]))


def test_a_missing_working_folder_is_not_blamed_on_the_tool(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="does not exist"):
        run(python("pass", cwd=tmp_path / "gone"))


def test_nothing_starts_where_it_is_cancelled_already(tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    done = run(python(f"open({str(tmp_path / 'ran')!r}, 'w')"), cancel=cancel)
    assert done.cancelled and done.exit_code == -1 and not (tmp_path / "ran").exists()


def test_cancel_ends_the_whole_tree() -> None:
    code = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
print(child.pid, flush=True)
time.sleep(60)
"""
    cancel = CancelToken()
    pids: list[int] = []

    def heard(stream: str, text: str) -> None:
        pids.append(int(text))
        threading.Timer(0.1, cancel.cancel).start()

    started = time.monotonic()
    done = run(python(code), on_line=heard, on_start=pids.append, cancel=cancel)
    assert done.cancelled and done.exit_code == -signal.SIGTERM and time.monotonic() - started < 5
    wait_until(lambda: not any(is_running(pid) for pid in pids))


@posix_only
def test_cancel_finds_children_that_left_the_group() -> None:
    code = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""
    cancel = CancelToken()
    pids: list[int] = []

    def heard(stream: str, text: str) -> None:
        pids.append(int(text))
        threading.Timer(0.1, cancel.cancel).start()

    run(python(code), on_line=heard, cancel=cancel)
    wait_until(lambda: not is_running(pids[0]))


@posix_only
def test_what_ignores_the_request_to_end_is_killed_two_seconds_later() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    cancel = CancelToken()
    started: list[float] = []

    def heard(stream: str, text: str) -> None:
        started.append(time.monotonic())
        threading.Timer(0, cancel.cancel).start()

    done = run(python(code), on_line=heard, cancel=cancel)
    assert done.exit_code == -signal.SIGKILL
    assert 1.5 < time.monotonic() - started[0] < 6


def test_a_timeout_ends_it_and_says_so() -> None:
    done = run(python("import time; time.sleep(60)", timeout_s=0.3))
    assert done.timed_out and not done.cancelled and done.exit_code != 0 and done.duration_ms < 5000


def test_a_cancel_after_the_end_does_nothing() -> None:
    cancel = CancelToken()
    done = run(python("print(1)"), cancel=cancel)
    cancel.cancel()
    assert not done.cancelled and done.exit_code == 0


@posix_only
def test_something_left_behind_that_holds_the_pipes_does_not_hang_the_run() -> None:
    started = time.monotonic()
    done = run(Command(["/bin/sh", "-c", "sleep 60 & echo $!"]))
    assert time.monotonic() - started < 10
    wait_until(lambda: not is_running(int(done.stdout)))


@posix_only
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_the_tool_dies_with_the_application(tmp_path: Path, ending: signal.Signals) -> None:
    """`kill -9` of the application: the tool and its children end, and so does the watcher."""
    tool = tmp_path / "tool.sh"
    tool.write_text(f"sleep 60 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/tool; wait")
    application = f"""
import os
from backend.drivers.process import Command, run
open({str(tmp_path / "cwd")!r}, "w").close()
run(Command(["/bin/sh", {str(tool)!r}]))
"""
    app = subprocess.Popen([sys.executable, "-c", application], cwd=REPOSITORY)
    wait_until(lambda: (tmp_path / "tool").exists() and (tmp_path / "tool").read_text().strip())
    pids = [int((tmp_path / name).read_text()) for name in ("tool", "child")]
    family = [child.pid for child in psutil.Process(app.pid).children(recursive=True)]
    assert set(pids) <= set(family) and all(is_running(pid) for pid in pids)
    app.send_signal(ending)
    app.wait()
    wait_until(lambda: not any(is_running(pid) for pid in [*pids, *family]))


@posix_only
def test_the_watcher_forgets_what_has_ended(tmp_path: Path) -> None:
    """The ids of finished tools may belong to others by the time the application ends."""
    application = """
import os, signal, subprocess
from backend.drivers import process_guard
from backend.drivers.process import Command, run
other = subprocess.Popen(["sleep", "60"], start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
guard = process_guard.guard()
for pid in (other.pid, 999999998): guard.add(pid)
run(Command(["true"]))
for pid in (other.pid, 999999998): guard.drop(pid)
print(other.pid, guard._watcher.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    app = subprocess.run([sys.executable, "-c", application], cwd=REPOSITORY, capture_output=True, text=True)
    other, watcher = (int(word) for word in app.stdout.split())
    try:
        wait_until(lambda: not is_running(watcher))
        assert is_running(other)
    finally:
        os.kill(other, signal.SIGKILL)


@posix_only
def test_a_start_costs_little_more_than_the_standard_librarys() -> None:
    def median_ms(start: object) -> float:
        assert callable(start)
        times = []
        for _ in range(25):
            before = time.perf_counter()
            start()
            times.append(time.perf_counter() - before)
        return sorted(times)[len(times) // 2] * 1000

    run(Command(["/bin/true"]))
    ours = median_ms(lambda: run(Command(["/bin/true"])))
    theirs = median_ms(lambda: subprocess.run(["/bin/true"], capture_output=True, stdin=subprocess.DEVNULL))
    assert ours < theirs * 3 + 2


_COPIES = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"


def test_bytes_go_in_and_come_out_in_pieces_whole_and_in_order() -> None:
    pieces = [bytes([number]) * 70_000 for number in range(100)]
    found: list[bytes] = []

    def take(piece: bytes) -> None:
        # Whoever takes them may be slower than the one who gives them.
        time.sleep(0.001)
        found.append(piece)

    done = run(python(_COPIES, stdin=iter(pieces)), on_chunk=take)

    assert done.exit_code == 0
    assert done.stdout == ""
    assert b"".join(found) == b"".join(pieces)


def test_a_taker_or_a_giver_that_fails_ends_the_process_and_is_heard() -> None:
    started: list[int] = []

    def full(_: bytes) -> None:
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run(python("while True: print('x' * 9999)"), on_chunk=full, on_start=started.append)
    assert not psutil.pid_exists(started[0])

    def broken() -> Iterator[bytes]:
        yield b"one"
        raise ValueError("the file is damaged")

    with pytest.raises(ValueError, match="damaged"):
        run(
            python("import time, sys; sys.stdin.read(3); time.sleep(60)", stdin=broken()),
            on_start=started.append,
        )
    assert not psutil.pid_exists(started[1])
