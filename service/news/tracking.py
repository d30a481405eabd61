"""Query parameters that tell where a reader came from, never which story is meant."""

# Names no site uses to choose a story: they belong to analytics and advertising products.
PREFIXES = (
    *(
        "utm_",
        "at_",
        "ns_",
        "mc_",
        "pk_",
        "mtm_",
        "piwik_",
        "hsa_",
        "_hs",
        "vero_",
        "oly_",
        "guce_",
        "trk_",
        "wt.",
        "wt_",
    ),
    *("icid", "aff_", "stm_", "xtor", "itm_", "mkt_", "__hs", "cx_", "matomo_", "algo_", "sc_"),
)
_NAMES_WORDS = (
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid igshid igsh twclid ttclid li_fat_id srsltid epik "
    "rdt_cid _ga _gl _openstat cmp cmpid cmp_id campaign_id cmpgn intcmp int_cmp int_source int_medium "
    "int_campaign ocid ncid smid smtyp sr_share mkt_tok spm guccounter ito tpcc ftag taid __twitter_impression "
    "fb_action_ids fb_action_types fb_source action_object_map ref_src ref_url refsrc share_source sharesource "
    "share_id shareid traffic_source traffic_medium soc_src soc_trk partnerid sessionid jsessionid phpsessionid "
    "phpsessid sid_session outputtype usqp amp_js_v amp_gsa aoh amp-content pfmredir emci emdi ceid sfmc_id sfns"
)
NAMES = frozenset(_NAMES_WORDS.split())
# Names that track on most sites but choose a story on some old ones (`news.php?s=12`, `?source=9`): dropped only where
# the path names the story by itself.
_AMBIGUOUS_WORDS = (
    "ref referrer referer s share shared source src via from amp rss feed campaign cid feature print partner mod "
    "recirc embedded_checkout output platform medium"
)
AMBIGUOUS = frozenset(_AMBIGUOUS_WORDS.split())


def is_tracking(name: str, *, names_story: bool) -> bool:
    """Whether a query parameter can be dropped; `names_story`: the path alone already names one story."""
    name = name.lower()
    return name in NAMES or name.startswith(PREFIXES) or (names_story and name in AMBIGUOUS)
