"""Adds the letters of Ê Đê and M'Nông that have no glyph of their own, as composites of existing glyphs.

Usage: python add_letters.py SOURCE.ttf TARGET.ttf   (needs fonttools)
"""
import sys

from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

BREVE = 0x0306
# Letters that Unicode knows only as base and combining breve.
SEQUENCES = "ÊêÔôƠơƯư"
# Letters that Unicode knows and Be Vietnam Pro lacks: code point, base.
PRECOMPOSED = {0x114: "E", 0x115: "e", 0x12C: "I", 0x12D: "ı", 0x14E: "O", 0x14F: "o", 0x16C: "U", 0x16D: "u"}


def bounds(font, name):
    glyph = font["glyf"][name]
    glyph.recalcBounds(font["glyf"])
    return glyph


def anchor_of(font, mark, base):
    """Where the font's own mark positioning puts the mark on the base (GPOS mark-to-base)."""
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for sub in lookup.SubTable:
            sub = getattr(sub, "ExtSubTable", sub)
            if sub.LookupType != 4 or mark not in sub.MarkCoverage.glyphs or base not in sub.BaseCoverage.glyphs:
                continue
            record = sub.MarkArray.MarkRecord[sub.MarkCoverage.glyphs.index(mark)]
            anchors = sub.BaseArray.BaseRecord[sub.BaseCoverage.glyphs.index(base)].BaseAnchor
            anchor = anchors[record.Class]
            if anchor is not None:
                m = record.MarkAnchor
                return anchor.XCoordinate - m.XCoordinate, anchor.YCoordinate - m.YCoordinate
    # No anchor: centred above, as far from the base as a breve stands from a plain letter.
    over, under = bounds(font, mark), bounds(font, base)
    gap = 0.04 * font["head"].unitsPerEm
    return (under.xMin + under.xMax - over.xMin - over.xMax) / 2, under.yMax + gap - over.yMin


def add(font, name, base, mark):
    dx, dy = anchor_of(font, mark, base)
    glyph = Glyph()
    glyph.numberOfContours = -1
    glyph.components = []
    for part, x, y in ((base, 0, 0), (mark, dx, dy)):
        component = GlyphComponent()
        component.glyphName, component.x, component.y = part, round(x), round(y)
        component.flags = 0x0004 | (0x0200 if part == base else 0)
        glyph.components.append(component)
    font.setGlyphOrder(font.getGlyphOrder() + [name])
    font["glyf"][name] = glyph
    bounds(font, name)
    advance, _ = font["hmtx"][base]
    font["hmtx"][name] = (advance, glyph.xMin)


def main(source, target):
    font = TTFont(source)
    cmap = font.getBestCmap()
    mark = cmap[BREVE]
    rules = []
    for letter in SEQUENCES:
        base = cmap[ord(letter)]
        name = f"{base}_breve"
        add(font, name, base, mark)
        rules.append(f"sub {base} {mark} by {name};")
    for code, letter in PRECOMPOSED.items():
        if code in cmap:
            continue
        name = f"uni{code:04X}"
        add(font, name, cmap[ord(letter)], mark)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name
    feature = "languagesystem DFLT dflt; languagesystem latn dflt;\nfeature ccmp {\n" + "\n".join(rules) + "\n} ccmp;"
    add_feature(font, feature)
    font["maxp"].recalc(font)
    font.save(target)


def add_feature(font, feature):
    """Adds the rules to the font's ccmp features. Shapers take one feature of a name, so a second would be ignored."""
    existing = font["GSUB"]
    addOpenTypeFeaturesFromString(font, feature, tables=["GSUB"])
    added = font["GSUB"].table
    table = existing.table
    offset = len(table.LookupList.Lookup)
    table.LookupList.Lookup += added.LookupList.Lookup
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    extended = 0
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "ccmp":
            record.Feature.LookupListIndex += [offset + i for i in range(len(added.LookupList.Lookup))]
            record.Feature.LookupCount = len(record.Feature.LookupListIndex)
            extended += 1
    if not extended:
        raise SystemExit("no ccmp feature to extend")
    font["GSUB"] = existing


main(*sys.argv[1:])
