// SPDX-License-Identifier: GPL-2.0
/* A time line as a picture: a row a hop label, a bar a slot. */
#include <stdlib.h>
#include "out.h"
#include "timeline.h"

#define LEFT	80	/* pixels: where the bars begin */
#define WIDTH	960	/* of all bars */
#define TOP	50
#define ROW	24
#define BAR	18
#define TICKS	3
#define DIGIT	8	/* a digit's width, amply */

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return (x > y) - (x < y);
}

/* The hop labels that occur, each once, the least first. */
static u32 sort_labels(const struct lh_timeline *line,
		       u32 rows[LH_TIMELINE_MAX])
{
	u32 i, n = 0;

	for (i = 0; i < line->n; i++)
		rows[i] = line->labels[i];
	qsort(rows, line->n, sizeof(*rows), compare);
	for (i = 0; i < line->n; i++)
		if (!n || rows[n - 1] != rows[i])
			rows[n++] = rows[i];
	return n;
}

static u64 begin(const struct lh_timeline *line)
{
	return line->slots[0].start;
}

static u64 span(const struct lh_timeline *line)
{
	u64 ns = line->slots[line->n - 1].end - begin(line);

	/* A slot that begins at the end of time has no length. */
	return ns ? ns : 1;
}

static double x_of(const struct lh_timeline *line, u64 ns)
{
	return LEFT + (double)ns * WIDTH / span(line);
}

static void draw_rows(FILE *to, const u32 *rows, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u32 y = TOP + i * ROW;

		fprintf(to, "<line x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\" stroke=\"#ddd\"/>\n",
			LEFT, y + ROW, LEFT + WIDTH, y + ROW);
		fprintf(to, "<text x=\"%d\" y=\"%u\" text-anchor=\"end\">%u</text>\n",
			LEFT - 8, y + 17, rows[i]);
	}
}

static void draw_slot(FILE *to, const struct lh_timeline *line, u32 i,
		      const u32 *rows, u32 n)
{
	const struct lh_slot *slot = &line->slots[i];
	const u32 *row = bsearch(&line->labels[i], rows, n, sizeof(*rows),
				 compare);
	double x = x_of(line, slot->start - begin(line));
	double width = x_of(line, slot->end - begin(line)) - x;
	u32 y = TOP + (row - rows) * ROW + (ROW - BAR) / 2;
	char utc[LH_TIMELINE_UTC], duration[LH_OUT_WORD];
	char number[LH_OUT_WORD];

	fprintf(to,
		"<rect x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%d\" fill=\"%s\" stroke=\"#fff\" stroke-width=\"0.5\"><title>slot %llu: hop label %u from %s for %s</title></rect>\n",
		x, y, width, BAR,
		lh_slot_holds(slot, line->now) ? "#c33" : "#369",
		slot->number, line->labels[i],
		lh_timeline_utc(utc, slot->start),
		lh_format_duration(duration, slot->duration));
	if (snprintf(number, sizeof(number), "%llu", slot->number) * DIGIT <=
	    width)
		fprintf(to,
			"<text x=\"%.2f\" y=\"%u\" text-anchor=\"middle\" fill=\"#fff\">%s</text>\n",
			x + width / 2, y + 13, number);
}

static void draw_ticks(FILE *to, const struct lh_timeline *line, u32 bottom)
{
	char utc[LH_TIMELINE_UTC];
	u32 i;

	for (i = 0; i <= TICKS; i++) {
		u64 ns = span(line) * i / TICKS;
		double x = x_of(line, ns);

		fprintf(to,
			"<line x1=\"%.2f\" y1=\"%d\" x2=\"%.2f\" y2=\"%u\" stroke=\"#999\" stroke-dasharray=\"2 3\"/>\n",
			x, TOP, x, bottom + 4);
		fprintf(to, "<text x=\"%.2f\" y=\"%u\" text-anchor=\"%s\">%s</text>\n",
			x, bottom + 18,
			!i ? "start" : i == TICKS ? "end" : "middle",
			lh_timeline_utc(utc, begin(line) + ns));
	}
}

static void draw_now(FILE *to, const struct lh_timeline *line, u32 bottom)
{
	double x;

	if (line->now < begin(line) || line->now - begin(line) >= span(line))
		return;
	x = x_of(line, line->now - begin(line));
	fprintf(to,
		"<line x1=\"%.2f\" y1=\"%d\" x2=\"%.2f\" y2=\"%u\" stroke=\"#c33\" stroke-width=\"2\"/>\n",
		x, TOP - 6, x, bottom);
	fprintf(to, "<text x=\"%.2f\" y=\"%d\" text-anchor=\"middle\" fill=\"#c33\">now</text>\n",
		x, TOP - 10);
}

/**
 * lh_timeline_svg - draw slots and hop labels
 * @to: where the picture goes
 * @line: the slots, at least one
 */
void lh_timeline_svg(FILE *to, const struct lh_timeline *line)
{
	u32 rows[LH_TIMELINE_MAX], n = sort_labels(line, rows), i;
	u32 bottom = TOP + n * ROW;

	fprintf(to,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" font-family=\"sans-serif\" font-size=\"12\">\n",
		LEFT + WIDTH + 20, bottom + 30);
	fprintf(to, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n");
	fprintf(to,
		"<text x=\"%d\" y=\"20\" font-size=\"15\">Hop labels (left) by time (UTC); the numbers are those of the slots</text>\n",
		LEFT);
	draw_rows(to, rows, n);
	draw_ticks(to, line, bottom);
	for (i = 0; i < line->n; i++)
		draw_slot(to, line, i, rows, n);
	draw_now(to, line, bottom);
	fprintf(to, "</svg>\n");
}
