# SPDX-License-Identifier: BSD-2-Clause
"""What the scenarios are played with: servers, phones, peers, and what they wait for."""
from lab.lab import Lab
from lab.wait import Failure, LeftOut, check, within

__all__ = ["Failure", "Lab", "LeftOut", "check", "within"]
