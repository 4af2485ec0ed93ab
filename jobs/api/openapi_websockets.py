"""What the API's document says of websockets, which OpenAPI has no place for. docs/websockets.md says it at length."""

from __future__ import annotations

from jobs.consumers import AWAY, NO_SUCH_JOB, NOT_SIGNED_IN, TOO_OFTEN

CLOSE_CODES = {
    NOT_SIGNED_IN: ("로그인하지 않았거나, 토큰이나 세션이 더는 유효하지 않습니다.", "다시 열지 마세요."),
    NO_SUCH_JOB: ("그런 작업이나 경로가 없거나, 더는 볼 수 없습니다.", "다시 열지 마세요."),
    TOO_OFTEN: ("1분 안에 너무 자주 열었습니다.", "`/status`를 물으며 1분 뒤에 다시 여세요."),
    AWAY: (
        "서버가 잠시 답하지 못합니다.",
        "`/status`를 물으며 몇 초 뒤에, 점점 더 기다렸다가 다시 여세요. 다른 코드로 끊겼을 때도 같습니다.",
    ),
}
"""Why a socket is closed, and what a program does then."""

WEBSOCKETS = """
### 웹소켓

`/ws/jobs/{job_id}/`는 작업 하나를, `/ws/shop/`은 가게의 끝나지 않은 작업 모두를 알립니다. 같은 `Authorization`
헤더로 엽니다. 먼저 `snapshot`이, 이어서 `sequence` 순서로 `progress`, `preview`, `artifact`, `finished`가 옵니다.
10초마다 `{"type": "sync", "sequence": n}`을 보내면, 놓친 것이 있을 때 `snapshot`이 다시 옵니다.

| 닫는 코드 | 까닭 | 할 일 |
|---|---|---|
""" + "\n".join(f"| {code} | {why} | {remedy} |" for code, (why, remedy) in CLOSE_CODES.items())
