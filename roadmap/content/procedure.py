"""The check list after the national procedure (Step 0–3), in our own words.

The four steps are those of 自治体DX全体手順書 (Ministry of Internal Affairs and Communications);
the items put into words what published rules of municipalities have in common: who chairs, who
sits in, sub-bodies, promoters, yearly review. An item that the product sees itself has no entry.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProcedureItem:
    """One thing that is asked. The code stays; `hint` says what serves as evidence."""

    code: str
    text_ja: str
    text_en: str
    hint_ja: str
    hint_en: str


@dataclass(frozen=True, slots=True)
class ProcedureStep:
    """One step with its items; `facts` names what the product shows of it by itself."""

    number: int
    title_ja: str
    title_en: str
    items: tuple[ProcedureItem, ...]
    facts: tuple[str, ...] = ()


_I = ProcedureItem

STEPS: tuple[ProcedureStep, ...] = (
    ProcedureStep(
        0,
        "DXの認識共有・機運醸成",
        "Shared understanding and momentum",
        (
            _I(
                "talked",
                "首長と幹部が、DXで何を変えたいかを話し合った",
                "Mayor and executives have talked about what DX is to change",
                "会議の名前と日付",
                "Meeting and date",
            ),
            _I(
                "explained",
                "全職員に、DXの目的と進め方を説明した",
                "All staff were told what DX is for and how it proceeds",
                "説明会・庁内報など",
                "Briefing, newsletter",
            ),
            _I(
                "residents",
                "住民や事業者の困りごとを聞く機会をつくった",
                "Residents and businesses were asked what is hard for them",
                "アンケート・意見交換会など",
                "Survey, meeting",
            ),
        ),
        ("surveys",),
    ),
    ProcedureStep(
        1,
        "全体方針の決定",
        "An overall policy",
        (
            _I(
                "policy",
                "DXの全体方針（計画）を決めて、公表した",
                "An overall policy or plan was decided and published",
                "計画の名前とURL",
                "Name and address of the plan",
            ),
            _I(
                "plan_link",
                "総合計画や行政改革の計画との関係を示した",
                "It says how it relates to the comprehensive plan",
                "該当する章・ページ",
                "Chapter, page",
            ),
            _I(
                "budget",
                "予算と年度ごとの工程を示した",
                "It names a budget and what is done in which year",
                "工程表・予算書など",
                "Schedule, budget",
            ),
        ),
    ),
    ProcedureStep(
        2,
        "推進体制の整備",
        "The organisation",
        (
            _I(
                "cdo",
                "CDO・CIOなど、全庁の責任者を決めた",
                "Somebody is responsible for all of it (CDO, CIO)",
                "規程・辞令",
                "Rule, appointment",
            ),
            _I(
                "headquarters",
                "首長か副首長を長とする推進本部などの会議を置いた",
                "A council chaired by mayor or vice mayor exists",
                "設置規程の名前とURL",
                "Rule that sets it up",
            ),
            _I(
                "office",
                "DXを担当する部署と、その仕事の範囲を決めた",
                "A department is in charge, and its tasks are written down",
                "事務分掌規則など",
                "Rule of duties",
            ),
            _I(
                "training",
                "職員の育成を計画し、研修を行っている",
                "Training is planned and takes place",
                "人材育成方針・研修の記録",
                "Policy, records",
            ),
            _I(
                "outside",
                "外部の人材や近隣団体・都道府県と協力している",
                "Outside experts, neighbours or the prefecture take part",
                "委託・協定・会議",
                "Contract, agreement",
            ),
        ),
        ("cdo", "office", "promoters"),
    ),
    ProcedureStep(
        3,
        "DXの取組の実行",
        "Carrying it out",
        (
            _I(
                "review",
                "進みを評価し、計画を見直す時期と場を決めた",
                "When and where progress is judged and the plan revised is settled",
                "会議の名前・年間予定",
                "Meeting, calendar",
            ),
            _I(
                "security",
                "情報セキュリティの方針を、取組に合わせて見直した",
                "The security policy was revised to fit",
                "改定した方針と日付",
                "Policy and date",
            ),
            _I(
                "divide",
                "デジタルを使いにくい人への支援を決めた",
                "Help for those who find digital services hard is settled",
                "講習会・窓口など",
                "Courses, counter",
            ),
        ),
        ("initiatives", "rounds", "asked_again"),
    ),
)

ITEMS: dict[str, ProcedureItem] = {item.code: item for step in STEPS for item in step.items}
