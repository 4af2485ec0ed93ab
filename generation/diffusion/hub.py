"""The Hugging Face hub, behind ``fetch.Hub``."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generation.diffusion.fetch import HubFile, HubModel
from generation.errors import WeightsMissing


class HuggingFaceHub:
    """Uses ``HF_TOKEN`` or the signed-in account, shows a bar for each file, and goes on where it was broken off: the
    hub's own downloader begins a file anew in every process."""

    def describe(self, repo: str, revision: str | None) -> HubModel:
        from huggingface_hub import HfApi

        with _told_plainly(repo):
            info = HfApi().model_info(repo, revision=revision, files_metadata=True)
        files = tuple(
            HubFile(each.rfilename, int(each.size or 0), each.lfs.sha256 if each.lfs else None, each.blob_id)
            for each in info.siblings or ()
        )
        return HubModel(str(info.sha), files)

    def download(self, repo: str, revision: str, file: HubFile, folder: Path) -> None:
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get
        from huggingface_hub.utils import build_hf_headers

        begun = file.partial(folder)
        with _told_plainly(repo):
            with begun.open("ab") as out:
                http_get(
                    hf_hub_url(repo, file.path, revision=revision),
                    out,
                    resume_size=out.tell(),
                    headers={**build_hf_headers(), "Accept-Encoding": "identity"},
                    expected_size=file.bytes,
                    displayed_filename=file.path,
                )
            os.replace(begun, folder / file.path)


@contextmanager
def _told_plainly(repo: str) -> Iterator[None]:
    """What went wrong at the hub, in one sentence with what to do."""
    from huggingface_hub.errors import GatedRepoError, OfflineModeIsEnabled, RepositoryNotFoundError

    try:
        yield
    except GatedRepoError as error:
        raise WeightsMissing(
            f"{repo} is gated: accept its conditions on its page on the hub with your account, then set HF_TOKEN"
            " to a token of that account and run the command again."
        ) from error
    except RepositoryNotFoundError as error:
        raise WeightsMissing(f"the hub knows no {repo}, or not for your account (HF_TOKEN)") from error
    except OfflineModeIsEnabled as error:
        raise WeightsMissing(f"HF_HUB_OFFLINE is set, so {repo} cannot be fetched") from error
    except Exception as error:  # the client's errors, its transport's and the system's have no common base
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise WeightsMissing(f"the disk is full: {repo} was fetched in part") from error
        raise WeightsMissing(
            f"the hub could not be reached for {repo}: {error}. Run the command again: it goes on where it stopped."
        ) from error
