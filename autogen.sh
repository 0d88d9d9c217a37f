#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Make ./configure from a fresh checkout.
set -e
cd "$(dirname "$0")"
exec autoreconf --force --install --verbose
