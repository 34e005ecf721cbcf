"""A document with everything that pages can meet: every grade, method and empty state of evidence, a changed log."""

# ruff: noqa: E501  (sentences of two languages side by side)

from __future__ import annotations

import json
from pathlib import Path

from cxlib.findings.schema import Altered, Both, Change, ChangePoint, Document, Entry, Measured, Promise, Side, Trend
from cxlib.findings.schema import TrendPoint as Point

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "findings" / "sample_findings.json"
WAVES = ("2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4")
LABELS = {
    "wait_told": Both(vi="được báo trước thời gian chờ", en="told how long it would take"),
    "delivery_on_time": Both(vi="giao hàng đúng hẹn", en="delivered when promised"),
    "staff_explain": Both(vi="được tư vấn dễ hiểu", en="the advice was easy to follow"),
    "store_music": Both(vi="nhạc trong cửa hàng dễ chịu", en="the music in the store was pleasant"),
    "loyalty": Both(vi="Quay lại mua", en="Would come back"),
    "referral": Both(vi="Sẵn lòng giới thiệu cho người khác", en="Would tell others about us"),
}


def both(vi: str, en: str) -> Both:
    return Both(vi=vi, en=en)


def side(mean: float, half: float, n: int = 640, units: int | None = 6) -> Side:
    return Side(n=n, units=units, mean=mean, low=round(mean - half, 4), high=round(mean + half, 4))


def change(action: str, measure: str, grade: str | None, vi: str, en: str, **values) -> Change:
    """The evidence after an action; what is not said is empty."""
    role = measure if measure in ("loyalty", "referral") else "factor"
    empty = {
        "method": "did", "inference": "wild", "compared": False, "drawn": False, "estimate": None, "low": None,
        "high": None, "p": None, "reason": "", "could_see": None, "caveats": (), "before": None, "after": None,
        "others_before": None, "others_after": None, "waves_before": (), "waves_after": (), "worthwhile": None,
        "detectable": None, "needed": None, "drift": None, "looks": 1, "figure": None,
    }  # fmt: skip
    told = empty | {"figure": f"change.{action}.{measure}"} | values
    scale = {"scale": (0, 10) if measure == "referral" else (1, 5)} if "scale" in Change.model_fields else {}
    return Change(
        action=action, measure=measure, role=role, label=LABELS[measure], grade=grade, sentence=both(vi, en),
        **scale, **told,
    )  # fmt: skip


def could_see(vi: str, en: str) -> Both:
    return both(
        f"Chừng này câu trả lời chỉ thấy được thay đổi từ {vi} điểm trở lên.",
        f"These answers could only show a change of {en} points or more.",
    )


HALF = {"waves_before": WAVES[:2], "waves_after": WAVES[2:]}
DRAWN = {"compared": True, "drawn": True, "inference": "randomisation", **HALF}

TELLING = (
    change(
        "A1", "wait_told", "E4",
        "Khi triển khai theo thứ tự rút thăm, việc báo trước thời gian chờ làm tăng điểm đánh giá 0,4 điểm (0,1–0,7).",
        "In a random roll-out, telling the waiting time raised the rating by 0.4 points (0.1–0.7).",
        **DRAWN, estimate=0.4, low=0.1, high=0.7, p=0.008, could_see=could_see("0,3", "0.3"), worthwhile=0.3,
        detectable=0.3, before=side(3.1, 0.12), after=side(3.6, 0.11), others_before=side(3.2, 0.07, 1700, 18),
        others_after=side(3.3, 0.07, 1690, 18), smallest_p=0.0001, error=0.14,
        caveats=(both("Hai nơi khác cũng bắt đầu báo giờ chờ trong quý này.",
                      "Two other places began to tell the waiting time in the same quarter."),),
    ),
    change(
        "A1", "loyalty", "EN",
        "Có thể loại trừ thay đổi từ 0,2 điểm trở lên ở việc quay lại mua.",
        "We can rule out a change of 0.2 points or more in coming back.",
        **DRAWN, estimate=0.02, low=-0.12, high=0.15, p=0.7, worthwhile=0.2, detectable=0.19, equivalence_p=0.01,
        could_see=could_see("0,19", "0.19"),
        before=side(3.7, 0.1), after=side(3.74, 0.1), others_before=side(3.7, 0.06, 1700, 18),
        others_after=side(3.72, 0.06, 1690, 18),
    ),
    change(
        "A1", "referral", "EX",
        "Chưa thể kết luận khách có sẵn lòng giới thiệu hơn không; cần khoảng 900 câu trả lời mỗi đợt ở mỗi nhóm.",
        "We cannot tell yet whether more customers would recommend us; about 900 answers a wave would be needed in "
        "each group.",
        **DRAWN, estimate=0.2, low=-0.3, high=0.7, p=0.41, worthwhile=0.5, detectable=0.7, needed=900,
        could_see=could_see("0,7", "0.7"),
        before=side(7.1, 0.3), after=side(7.4, 0.3), others_before=side(7.2, 0.2, 1700, 18),
        others_after=side(7.3, 0.2, 1690, 18),
    ),
)  # fmt: skip

EVERYWHERE = (
    change(
        "A2", "staff_explain", "E2",
        "Sau khi có bảng so sánh ở mọi cửa hàng, “được tư vấn dễ hiểu” từ 3,4 lên 3,6. Không có nơi nào để so sánh.",
        "After the comparison sheet came to every store, “the advice was easy to follow” rose from 3.4 to 3.6. We had no "
        "comparison group.",
        method="difference", inference="cluster", **HALF, estimate=0.2, low=0.1, high=0.3, p=0.001, worthwhile=0.2,
        detectable=0.12, could_see=could_see("0,12", "0.12"), before=side(3.4, 0.05, 1300, 24),
        after=side(3.6, 0.05, 1310, 24), caps=("late",),
        caveats=(both("Việc này được ghi vào sổ sau khi đã xem kết quả của đợt khảo sát.",
                      "This action was written down after the answers had been seen."),),
    ),
    change(
        "A2", "loyalty", "EX",
        "Chưa thể kết luận về việc quay lại mua; cần khoảng 2.400 câu trả lời mỗi đợt.",
        "We cannot tell yet about coming back; about 2,400 answers a wave would be needed.",
        method="difference", inference="cluster", **HALF, estimate=0.1, low=-0.1, high=0.3, p=0.3, worthwhile=0.2,
        detectable=0.28, needed=2400, before=side(3.6, 0.08, 1300, 24), after=side(3.7, 0.08, 1310, 24),
        caps=("late",),
        caveats=(both("Việc này được ghi vào sổ sau khi đã xem kết quả của đợt khảo sát.",
                      "This action was written down after the answers had been seen."),),
    ),
    change(
        "A2", "referral", "E-",
        "Sau hành động, sự sẵn lòng giới thiệu kém đi: từ 7,4 xuống 7,0. Chúng tôi đang xem lại.",
        "Recommending got worse after the action: from 7.4 to 7.0. We are looking again.",
        method="difference", inference="cluster", **HALF, estimate=-0.4, low=-0.7, high=-0.1, p=0.01, worthwhile=0.5,
        detectable=0.4, before=side(7.4, 0.15, 1300, 24), after=side(7.0, 0.15, 1310, 24),
    ),
)  # fmt: skip

NOT_YET = (
    change(
        "A3", "delivery_on_time", None,
        "Chưa bắt đầu, nên chưa có gì để đo. Sẽ xem lại sau ngày 1/2/2026.",
        "Not begun, so there is nothing to measure. It will be looked at after 1 February 2026.",
        method="", inference="", reason="planned", looks=0, figure=None,
    ),
)  # fmt: skip

STOPPED = (
    change(
        "A4", "delivery_on_time", "EX",
        "Chưa thể kết luận: sau khi trừ phần có thể tự tăng lên, thay đổi nằm giữa –0,3 và 0,4 điểm.",
        "We cannot tell yet: beyond what would probably have moved anyway, the change lies between –0.3 and 0.4 points.",
        compared=True, **HALF, estimate=0.05, low=-0.3, high=0.4, p=0.8, worthwhile=0.25, detectable=0.5, needed=1500,
        needed_units=14, could_see=could_see("0,5", "0.5"), before=side(2.6, 0.2, 210, 5), after=side(2.9, 0.2, 205, 5),
        others_before=side(3.2, 0.07, 1700, 19), others_after=side(3.2, 0.07, 1690, 19), caps=("worst_baseline",),
        drift=Measured(estimate=0.25, low=0.1, high=0.4),
        caveats=(both("Năm nơi này được chọn vì có điểm thấp nhất; phần có thể tự tăng lên là 0,25 điểm (0,1–0,4).",
                      "These five places were chosen because they were lowest; 0.25 points (0.1–0.4) would probably have "
                      "moved anyway."),
                 both("Hành động đã dừng giữa chừng.", "The action was stopped on the way.")),
    ),
)  # fmt: skip


def events() -> tuple[ChangePoint, ...]:
    told = ((-3, 0.03), (-2, -0.05), (-1, 0.0), (0, 0.15), (1, 0.32), (2, 0.41))
    return tuple(
        ChangePoint(
            group="event", at=str(at), n=800, estimate=value, low=value - 0.17, high=value + 0.17,
            phase="before" if at < 0 else "after",
        )
        for at, value in told
    )  # fmt: skip


def waves(count: int, start: int, others: bool = False) -> tuple[ChangePoint, ...]:
    made = []
    for place in range(count):
        phase = "before" if place < start else "during" if place == start else "after"
        mean = 3.2 + 0.02 * (place % 3) + (0.3 if phase == "after" else 0.0)
        name = f"{2022 + place // 4}-Q{place % 4 + 1}"
        made.append(
            ChangePoint(group="acted", at=name, n=300, estimate=mean, low=mean - 0.1, high=mean + 0.1, phase=phase)
        )
        if others:
            made.append(ChangePoint(group="others", at=name, n=900, estimate=3.3, low=3.24, high=3.36, phase=phase))
    return tuple(made)


ONE_BY_ONE = (
    change(
        "A7", "wait_told", "E3",
        "Ở nơi đã bắt đầu, điểm đánh giá tăng nhiều hơn nơi còn chờ 0,32 điểm (0,15–0,49).",
        "Where it had begun, the rating rose 0.32 points more than where it was still to come (0.15–0.49).",
        method="staggered", inference="cluster", compared=True, estimate=0.32, low=0.15, high=0.49, p=0.001,
        worthwhile=0.2, detectable=0.24, could_see=could_see("0,24", "0.24"), points=events(),
        pretrend=Measured(estimate=-0.02, low=-0.15, high=0.1), looks=3,
    ),
)  # fmt: skip

SERIES = (
    change(
        "A6", "store_music", "EN",
        "Có thể loại trừ thay đổi từ 0,5 điểm trở lên.",
        "We can rule out a change of 0.5 points or more.",
        method="series", inference="hac", estimate=0.05, low=-0.2, high=0.3, p=0.6, worthwhile=0.5, detectable=0.35,
        points=waves(20, 10), could_see=could_see("0,35", "0.35"), looks=9,
    ),
    change(
        "A6", "referral", "E0",
        "Chưa đủ câu trả lời để hiển thị.", "Not enough answers to show.",
        method="", inference="", reason="few", figure=None,
    ),
)  # fmt: skip

ONE_PLACE = (
    change(
        "A8", "wait_told", None,
        "Chỉ có một nơi: hình cho thấy các đợt trước và sau, không có phép kiểm nào.",
        "There is one place only: the figure shows the waves before and after, and nothing is tested.",
        method="chart", inference="", reason="one_unit",
        **({"relative": True} if "relative" in Change.model_fields else {}),
        points=tuple(
            ChangePoint(group="acted", at=wave, n=60, estimate=value, low=None, high=None,
                        phase="before" if place < 2 else "after")
            for place, (wave, value) in enumerate(zip(WAVES, (-0.1, 0.1, 0.3, 0.2), strict=True))
        ),
    ),
)  # fmt: skip

CHANGES = {
    "A1": TELLING, "A2": EVERYWHERE, "A3": NOT_YET, "A4": STOPPED, "A6": SERIES, "A7": ONE_BY_ONE, "A8": ONE_PLACE,
}  # fmt: skip

STATUS = both("Tình trạng", "Status")
HISTORY = (
    Entry(action="A6", recorded_on="2025-01-20", status="planned", altered=(),
          what=both("Đổi danh sách nhạc trong cửa hàng", "New music lists in the stores")),
    Entry(action="A1", recorded_on="2025-02-12", status="planned", altered=(),
          what=both("Sáu cửa hàng báo trước thời gian chờ tại quầy", "Six stores tell the waiting time at the counter")),
    Entry(action="A1", recorded_on="2025-03-04", status="doing",
          what=both("Sáu cửa hàng báo trước thời gian chờ tại quầy", "Six stores tell the waiting time at the counter"),
          altered=(
              Altered(field=STATUS, before=both("Dự kiến", "Planned"), after=both("Đang thực hiện", "Under way")),
              Altered(field=both("Ngày bắt đầu", "Started"), before=None, after=both("1/3/2025", "1 March 2025")),
          )),
    Entry(action="A4", recorded_on="2025-04-11", status="doing", altered=(), sealed="edited", seen_on="2025-08-02",
          what=both("Giao hàng trong hai giờ ở các cửa hàng được đánh giá thấp",
                    "Two-hour delivery at the stores rated low")),
    Entry(action="A4", recorded_on="2025-07-20", status="stopped",
          what=both("Giao hàng trong hai giờ ở các cửa hàng được đánh giá thấp",
                    "Two-hour delivery at the stores rated low"),
          altered=(
              Altered(field=STATUS, before=both("Đang thực hiện", "Under way"), after=both("Đã dừng", "Stopped")),
              Altered(field=both("Áp dụng ở đâu", "Where"), before=both("8 nơi", "8 places"),
                      after=both("5 nơi", "5 places")),
          )),
    Entry(action="A9", recorded_on="2025-05-02", status="planned", altered=(), sealed="removed", seen_on="2025-11-30",
          what=both("Gọi lại khách sau khi giao hàng", "Call customers back after a delivery")),
    Entry(action="A3", recorded_on="2025-12-03", status="planned", altered=(), sealed="inserted", seen_on="2025-12-28",
          what=both("Báo giờ giao hàng bằng tin nhắn ở Miền Nam", "Text message with the hour of delivery in the South")),
)  # fmt: skip

PROMISES = (
    Promise(id="P1", promise=both("Báo trước thời gian chờ, không để khách đợi mà không biết",
                                  "We tell you how long it takes"),
            written=True, channel=both("bảng ở quầy", "sign at the counter"), step="pay", factors=("wait_told",)),
    Promise(id="P2", promise=both("Hàng lỗi đổi ngay, không hỏi nhiều", "Faulty goods are changed on the spot"),
            written=False, channel=None, step="aftercare", factors=("defect_fixed",)),
    Promise(id="P3", promise=both("Chúng tôi luôn lắng nghe", "We always listen"), written=True, channel=None, step=None,
            factors=()),
)  # fmt: skip


def trend(measure: str, kind: str, label: Both, means, scale=(1, 5), broken: int | None = None) -> Trend:
    points = tuple(
        Point(wave=wave, n=None if mean is None else 620, mean=mean, low=None if mean is None else mean - 0.08,
              high=None if mean is None else mean + 0.08, part=int(broken is not None and place >= broken))
        for place, (wave, mean) in enumerate(zip(WAVES, means, strict=True))
    )  # fmt: skip
    breaks = () if broken is None else (
        both(f"Từ {WAVES[broken]} câu hỏi được viết khác đi.", f"From {WAVES[broken]} the question was worded differently."),
    )  # fmt: skip
    return Trend(
        measure=measure, kind=kind, label=label, scale=scale, points=points, breaks=breaks, figure=f"trend.{measure}"
    )


TRENDS = (
    trend("referral", "outcome", LABELS["referral"], (7.1, 7.2, 7.2, 7.3), (0, 10)),
    trend("loyalty", "outcome", LABELS["loyalty"], (3.7, 3.7, 3.72, 3.7)),
    trend("pay", "step", both("Thanh toán", "Paying"), (3.1, 3.2, 3.3, 3.4)),
    trend("wait_told", "factor", LABELS["wait_told"], (3.1, 3.2, 3.4, 3.5)),
    trend("delivery_on_time", "factor", LABELS["delivery_on_time"], (3.0, 3.1, 3.4, 3.3), broken=2),
    trend("store_music", "factor", LABELS["store_music"], (3.3, None, 3.3, 3.3)),
)


def rich_document() -> Document:
    """The sample of tests/findings, and all of the above."""
    raw = json.loads(SAMPLE.read_bytes())
    for name in ("decide_next", "ask_next", "retire", "history", "history_changed", "promises", "trends"):
        raw.pop(name, None)
    for part in (*raw["findings"], *raw["actions"]):
        part["change"] = []
    document = Document.model_validate(raw)
    first = document.actions[0]
    further = (
        first.model_copy(update={
            "id": "A7", "status": "doing", "records": 1, "drawn_on": None, "scope_chosen_by": "volunteers",
            "what": both("Màn hình giờ chờ, từng nhóm cửa hàng một", "Screens with the waiting time, store by store"),
        }),
        first.model_copy(update={
            "id": "A8", "status": "doing", "records": 1, "scope_chosen_by": "other",
            "scope": first.scope.model_copy(update={"units": 1}),
            "what": both("Thử quầy thứ ba ở một cửa hàng", "A third counter tried in one store"),
        }),
    )  # fmt: skip
    told = {
        "A1": {
            "drawn_on": "2025-02-11", "full_effect": "2025-04-01", "look_on": ("2025-10-01", "2026-01-10"),
            "comparison_because": both("Chưa đủ màn hình cho mọi nơi", "There are not enough screens for all places"),
            "also": both("Khuyến mãi mùa hè ở mọi nơi", "Summer sale everywhere"),
            "decided_by": both("Giám đốc điều hành", "Managing director"),
        },
        "A2": {"unsaid": ("comparison_because", "look_on", "decided_by", "smallest_worthwhile")},
    }  # fmt: skip
    actions = tuple(
        action.model_copy(update={**told.get(action.id, {}), "change": CHANGES.get(action.id, ())})
        for action in (*document.actions, *further)
    )
    findings = []
    for finding in document.findings:
        own = finding.actions
        if finding.id == "wait_told.referral":
            own = ("A1", "A7", "A8")
        changes = tuple(item for action in own for item in CHANGES.get(action, ()))
        findings.append(finding.model_copy(update={"actions": own, "change": changes}))
    return document.model_copy(update={
        "unknowns": document.unknowns[:2], "findings": tuple(findings), "actions": actions, "history": HISTORY, "history_changed": True,
        "promises": PROMISES, "trends": TRENDS,
        "decide_next": (
            both("“hàng lỗi được xử lý nhanh” quan trọng với khách nhưng chưa ai làm gì: quyết định trước ngày 15/1/2026.",
                 "“a faulty product was put right quickly” matters and nobody has acted: decide by 15 January 2026."),
            both("“được tư vấn dễ hiểu”: sự sẵn lòng giới thiệu kém đi sau hành động; giữ, đổi hay dừng?",
                 "“the advice was easy to follow”: recommending got worse after the action; keep, change or stop it?"),
        ),
        "ask_next": (
            both("Lời hứa “Chúng tôi luôn lắng nghe” chưa có câu hỏi nào.", "No question asks about “We always listen”."),
        ),
        "retire": (
            both("“nhạc trong cửa hàng dễ chịu” không phục vụ lựa chọn nào và không ai làm gì theo.",
                 "“the music in the store was pleasant” serves no choice, and nobody acts on it."),
        ),
    })  # fmt: skip
