"""The Hugging Face hub, behind ``fetch.Hub``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generation.diffusion.fetch import HubFile, HubModel
from generation.errors import WeightsMissing


class HuggingFaceHub:
    """Uses ``HF_TOKEN`` or the signed-in account, shows a bar for each file, and resumes what was broken off."""

    def describe(self, repo: str, revision: str | None) -> HubModel:
        from huggingface_hub import HfApi

        with _told_plainly(repo):
            info = HfApi().model_info(repo, revision=revision, files_metadata=True)
        files = tuple(
            HubFile(each.rfilename, int(each.size or 0), each.lfs.sha256 if each.lfs else None)
            for each in info.siblings or ()
        )
        return HubModel(str(info.sha), files)

    def download(self, repo: str, revision: str, file: HubFile, folder: Path) -> None:
        from huggingface_hub import hf_hub_download

        with _told_plainly(repo):
            hf_hub_download(repo, file.path, revision=revision, local_dir=folder)


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
        raise WeightsMissing(f"the hub could not be reached for {repo}: {error}") from error
