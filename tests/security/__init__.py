"""Attacks. Each test does what an attacker would, and looks whether it worked; docs/security.md says what they are about."""
