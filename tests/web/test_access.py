"""Who may ask."""

from haloscale.web.access import Access, headers_of


def test_tokens_are_unguessable_and_compared_whole() -> None:
    one, other = Access("127.0.0.1", 80), Access("127.0.0.1", 80)
    assert one.token != other.token
    assert len(one.token) >= 32
    assert one.admits(one.token)
    assert not one.admits(one.token[:-1])
    assert not one.admits("")
    assert not one.admits("é")


def test_a_local_server_answers_to_the_names_of_this_machine_alone() -> None:
    access = Access("127.0.0.1", 8765)
    assert all(access.is_ours(host) for host in ("127.0.0.1:8765", "localhost:8765", "[::1]:8765"))
    assert not any(access.is_ours(host) for host in ("127.0.0.1", "evil.example:8765", "localhost:8766", ""))
    assert access.is_from_here("http://localhost:8765", "localhost:8765")
    assert not access.is_from_here("http://localhost:8765", "127.0.0.1:8765")
    assert not access.is_from_here(None, "localhost:8765")
    assert not access.is_from_here("http://evil.example", "evil.example")


def test_an_exposed_server_still_wants_its_own_pages() -> None:
    access = Access("0.0.0.0", 8765)
    assert not access.is_local
    assert access.is_from_here("http://box.example:8765", "box.example:8765")
    assert not access.is_from_here("http://evil.example", "box.example:8765")


def test_addresses_of_ipv6_are_bracketed() -> None:
    assert Access("::1", 80, "t").address == "http://[::1]:80/t/"


def test_the_page_runs_nothing_but_its_own_scripts_and_a_report_none() -> None:
    own, report = (headers_of("h:1", own_page=is_own)["Content-Security-Policy"] for is_own in (True, False))
    assert "default-src 'none'" in own
    assert "script-src 'self'" in own
    assert "unsafe" not in own
    assert "script-src" not in report
    assert "sandbox" in report
