"""What stands in deploy/ fits its own schemas, the program, and what it promises; no engine is needed to see that."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sync import config_file
from sync.cli.commands import load
from sync.run.access import OPEN

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "docker" / "compose.yaml"
UNIT = DEPLOY / "systemd" / "holdfast.service"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BIN = Path(sys.executable).parent
EXPOSURE_ALLOWED = 20  # tenths, as systemd-analyze counts: 0 is the safest, 100 the most exposed
_PINNED = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
_STAGE = re.compile(r"^FROM (\S+)", re.MULTILINE)


def passes(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"])


def documents(kind: str = "") -> Iterator[dict[str, Any]]:
    for manifest in MANIFESTS:
        for document in yaml.safe_load_all(manifest.read_text(encoding="utf-8")):
            if kind in ("", document["kind"]):
                yield document | {"file": manifest.name}


def pods() -> list[Any]:
    return [
        pytest.param(one["spec"]["template"]["spec"], id=one["metadata"]["name"]) for one in documents("Deployment")
    ]


def dockerfile() -> str:
    """The Dockerfile without its comments, an instruction in a line."""
    text = (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8")
    return re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))


def run_stage() -> str:
    return dockerfile().rpartition("\nFROM ")[2]


def command_lines() -> Iterator[list[str]]:
    """What is run by all of deploy/, as arguments of `holdfast`."""
    for service in compose().values():
        yield [str(part) for part in service.get("command", [])]
    for deployment in documents("Deployment"):
        yield deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    yield re.findall(r'"([^"]+)"', re.findall(r"^CMD .*$", run_stage(), re.MULTILINE)[0])
    yield (
        UNIT.read_text(encoding="utf-8")
        .partition("ExecStart=/opt/holdfast/bin/holdfast --log-format json ")[2]
        .split("\n")[0]
        .split()
    )


def test_the_compose_file_fits_the_schema_of_compose() -> None:
    passes(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
def test_every_manifest_fits_the_schema_of_kubernetes(manifest: Path) -> None:
    passes(BIN / "kubernetes-validate", "--strict", "--quiet", manifest)


def test_systemd_understands_every_line_of_the_unit_and_finds_it_locked_up(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed here")
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8")))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    passes("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_ALLOWED}", unit)


def test_every_command_of_a_deployment_is_one_of_ours_with_options_that_it_has() -> None:
    found = [line for line in command_lines() if line]
    assert {line[0] for line in found} == {"serve", "worker"}
    for name, *options in found:
        load(name).make_context(name, list(options), resilient_parsing=False)


def test_what_a_deployment_sets_is_understood_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data,) = (one["data"]["config.toml"] for one in documents("ConfigMap"))
    for name in ("server.key", "serve.token"):
        (tmp_path / name).write_text("-----BEGIN PRIVATE KEY-----")
    (tmp_path / "config.toml").write_text(data.replace("/etc/holdfast/secrets", str(tmp_path)))
    monkeypatch.setenv("STORE_PASSWORD", "x")
    monkeypatch.setenv("POSTGRES_PASSWORD", "x")
    settings = re.findall(
        r"(HOLDFAST__(?:STORE|SCHEDULE)__\w+)(?:=|: |\n\s*value: )([^\s\\]+)",
        "\n".join(path.read_text() for path in [*MANIFESTS, COMPOSE, UNIT, DEPLOY / "docker" / "Dockerfile"]),
    )
    assert {name for name, _ in settings} == {"HOLDFAST__STORE__URL", "HOLDFAST__SCHEDULE__BACKUP_TO"}
    for name, value in settings:
        with monkeypatch.context() as patch:
            patch.setenv(name, value.replace("$$", "$"))
            config, _ = config_file.load(tmp_path / "config.toml")
        assert config.serve.token
        assert config.writeback.mode == "preview"


def test_without_postgresql_compose_runs_one_process_on_a_volume() -> None:
    services = {name: one for name, one in compose().items() if "sqlite" in one["profiles"]}
    assert list(services) == ["holdfast"]
    assert {"store"} == {mount["source"] for mount in services["holdfast"]["volumes"] if mount["type"] == "volume"}


def test_with_postgresql_compose_runs_the_pages_and_workers_beside_a_database() -> None:
    services = {name: one for name, one in compose().items() if "postgresql" in one["profiles"]}
    assert set(services) == {"serve", "worker", "database"}
    for name in ("serve", "worker"):
        assert services[name]["depends_on"]["database"]["condition"] == "service_healthy"
        assert "${POSTGRES_PASSWORD}" in services[name]["environment"]["HOLDFAST__STORE__URL"]
    assert services["worker"]["deploy"]["replicas"] > 1


def test_what_serves_beside_workers_leaves_the_work_to_them() -> None:
    beside = [line for line in command_lines() if "--watch-only" in line]
    assert [line[0] for line in beside] == ["serve", "serve"]
    assert sum(line[:1] == ["worker"] for line in command_lines()) == len(beside)


def test_compose_lets_nobody_in_but_this_machine_and_our_containers_do_little() -> None:
    for name, service in compose().items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        if "build" in service:
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("pod", pods())
def test_every_pod_keeps_to_the_restricted_standard(pod: dict[str, Any]) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_what_serves_is_probed_and_a_worker_has_no_port() -> None:
    for deployment in documents("Deployment"):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        if container["args"][0] == "serve":
            assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        else:
            assert "ports" not in container


def test_a_store_in_a_file_has_one_process_at_a_time() -> None:
    (deployment,) = (one for one in documents("Deployment") if one["file"] == "sqlite.yaml")
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    (claim,) = documents("PersistentVolumeClaim")
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    assert {"claimName": claim["metadata"]["name"]} in [volume.get("persistentVolumeClaim") for volume in volumes]


def test_every_service_finds_the_pods_that_it_is_for() -> None:
    for service in documents("Service"):
        labels = [
            one["spec"]["template"]["metadata"]["labels"]
            for one in documents("Deployment")
            if one["file"] == service["file"]
        ]
        assert sum(service["spec"]["selector"].items() <= each.items() for each in labels) == 1


def test_no_manifest_holds_a_secret() -> None:
    (secret,) = documents("Secret")
    assert set(secret["stringData"].values()) == {""}
    assert "data" not in secret


def test_no_image_is_whatever_is_newest_and_ours_is_this_version() -> None:
    own = f"holdfast:{PROJECT['project']['version']}"
    images = [*_STAGE.findall(dockerfile()), *(one.get("image", "") for one in compose().values())]
    images += [one["spec"]["template"]["spec"]["containers"][0]["image"] for one in documents("Deployment")]
    for image in images:
        name, _, tag = image.partition(":")
        assert tag, image
        assert tag != "latest"
        assert name != "holdfast" or image == own
    assert own in images


def test_the_image_runs_as_a_numbered_user_and_says_how_it_is() -> None:
    assert re.findall(r"^USER (\S+)", run_stage(), re.MULTILINE)[-1] == "10001:10001"
    check = re.findall(r"^HEALTHCHECK .*$", run_stage(), re.MULTILINE)
    assert len(check) == 1
    assert any(f":8710{path}'" in check[0] for path in OPEN)
    serve: Any = load("serve")
    assert next(option.default for option in serve.params if option.name == "port") == 8710


def test_the_image_holds_what_the_lock_holds_and_every_package() -> None:
    text = dockerfile()
    assert text.index("deploy/requirements.lock") < text.index("COPY rules")
    assert "--require-hashes" in text
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE))
    names = {name for names in copied for name in names.split()}
    assert all((ROOT / name).exists() for name in names)
    assert {package.partition(".")[0] for package in PROJECT["tool"]["setuptools"]["packages"]} <= names
    allowed = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in names} <= set(allowed)


def test_what_is_deployed_is_what_is_tested() -> None:
    """The lock of what runs is a part of the lock of everything, and holds what the program names."""
    tested = dict(_PINNED.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    deployed = dict(_PINNED.findall((DEPLOY / "requirements.lock").read_text(encoding="utf-8")))
    assert deployed.items() <= tested.items()
    extras = PROJECT["project"]["optional-dependencies"].values()
    for wanted in [*PROJECT["project"]["dependencies"], *(one for extra in extras for one in extra)]:
        assert re.split(r"[<>=\[]", wanted)[0] in deployed
    assert not {"pytest", "mypy", "ruff"} & set(deployed)
