"""Windows: a job object that ends its processes when our last handle to it closes, so also when we are killed.

Follows the Win32 documentation of CreateJobObject, SetInformationJobObject and JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from typing import Any

from .process_guard import Guard

_log = logging.getLogger(__name__)

_EXTENDED_LIMIT_INFORMATION = 9
_KILL_ON_JOB_CLOSE = 0x2000
_PROCESS_SET_QUOTA_AND_TERMINATE = 0x0100 | 0x0001


class _BasicLimits(ctypes.Structure):
    _fields_ = [
        ("PerProcessUserTimeLimit", ctypes.c_int64),
        ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32),
        ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t),
        ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t),
        ("PriorityClass", ctypes.c_uint32),
        ("SchedulingClass", ctypes.c_uint32),
    ]


class _IoCounters(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_uint64) for name in ("ReadOps", "WriteOps", "OtherOps", "Read", "Write", "Other")
    ]


class _ExtendedLimits(ctypes.Structure):
    _fields_ = [
        ("BasicLimitInformation", _BasicLimits),
        ("IoInfo", _IoCounters),
        ("ProcessMemoryLimit", ctypes.c_size_t),
        ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t),
        ("PeakJobMemoryUsed", ctypes.c_size_t),
    ]


class JobGuard(Guard):
    """Processes leave the job by ending; there is nothing to drop."""

    def __init__(self) -> None:
        self._kernel: Any = None
        self._job: Any = None
        if sys.platform == "win32":
            self._open()

    def add(self, pid: int) -> None:
        if self._job is None:
            return
        process = self._kernel.OpenProcess(_PROCESS_SET_QUOTA_AND_TERMINATE, False, pid)
        if not process:
            return
        try:
            if not self._kernel.AssignProcessToJobObject(self._job, process):
                _log.warning("A tool would outlive this application: it could not be put into its job")
        finally:
            self._kernel.CloseHandle(process)

    def _open(self) -> None:
        kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
        handle = ctypes.c_void_p
        kernel.CreateJobObjectW.restype = handle
        kernel.OpenProcess.restype = handle
        kernel.SetInformationJobObject.argtypes = [handle, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32]
        kernel.AssignProcessToJobObject.argtypes = [handle, handle]
        kernel.CloseHandle.argtypes = [handle]
        limits = _ExtendedLimits()
        limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
        job = kernel.CreateJobObjectW(None, None)
        size = ctypes.sizeof(limits)
        if job and kernel.SetInformationJobObject(
            job, _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), size
        ):
            self._kernel, self._job = kernel, job
        else:
            _log.warning("Tools will not be ended if this application is killed: no job object")
