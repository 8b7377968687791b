// SPDX-License-Identifier: GPL-2.0
/* Which parameter sets are allowed: protocol.rst, "The parameter set". */
#include "hash.h"
#include "params.h"
#include "tag.h"

static bool fault_set(struct lh_params_fault *fault, int attr, u32 index,
		      const char *text)
{
	fault->attr = attr;
	fault->index = index;
	fault->text = text;
	return false;
}

static bool label_valid(u32 label)
{
	return label >= LABELHOP_LABEL_MIN && label <= LABELHOP_LABEL_MAX;
}

/*
 * Quadratic, but K has at most 4096 labels and nothing may be allocated here:
 * some milliseconds at the worst, when a session is configured.
 */
static bool labels_valid(const struct lh_params *p,
			 struct lh_params_fault *fault)
{
	const int attr = LABELHOP_A_PARAMS_LABELS;
	u32 i, j;

	if (!p->n_labels || p->n_labels > LABELHOP_LABELS_MAX)
		return fault_set(fault, attr, 0,
				 "the label set must have 1 to 4096 labels");
	for (i = 0; i < p->n_labels; i++) {
		if (!label_valid(p->labels[i]))
			return fault_set(fault, attr, i,
					 "a label of the set must be in 16..1048575");
		if (p->labels[i] == p->label)
			return fault_set(fault, attr, i,
					 "the label set must not hold the VPN label");
		for (j = 0; j < i; j++)
			if (p->labels[i] == p->labels[j])
				return fault_set(fault, attr, i,
						 "the labels of the set must be distinct");
	}
	return true;
}

static bool slots_valid(const struct lh_params *p,
			struct lh_params_fault *fault)
{
	const int attr = LABELHOP_A_PARAMS_SLOTS;
	u32 i;

	if (!p->n_slots || p->n_slots > LABELHOP_SLOTS_MAX)
		return fault_set(fault, attr, 0,
				 "there must be 1 to 256 slots");
	for (i = 0; i < p->n_slots; i++)
		if (p->slots[i] < LABELHOP_SLOT_NS_MIN ||
		    p->slots[i] > LABELHOP_SLOT_NS_MAX)
			return fault_set(fault, attr, i,
					 "a slot must last 1 us to 1 day");
	return true;
}

static bool tags_valid(const struct lh_params *p, struct lh_params_fault *fault)
{
	if (!lh_hash_name(p->hash))
		return fault_set(fault, LABELHOP_A_PARAMS_HASH, 0,
				 "the hash is not known");
	if (!p->tags || p->tags > LABELHOP_TAGS_MAX)
		return fault_set(fault, LABELHOP_A_PARAMS_TAGS, 0,
				 "there must be 1 to 3 tag labels");
	if (p->select != LABELHOP_SELECT_GATHER &&
	    p->select != LABELHOP_SELECT_AND)
		return fault_set(fault, LABELHOP_A_PARAMS_SELECT, 0,
				 "the bit selection must be select or and");
	if (lh_tag_bits(p->select, p->mask, p->tags) < LABELHOP_TAG_BITS_MIN)
		return fault_set(fault, LABELHOP_A_PARAMS_MASK, 0,
				 "the mask must give every tag label at least 16 bits");
	return true;
}

/**
 * lh_params_valid - check every member of a parameter set
 * @p: the set
 * @fault: receives what is wrong, untouched if nothing is
 *
 * Return: true if the set may be used.
 */
bool lh_params_valid(const struct lh_params *p, struct lh_params_fault *fault)
{
	if (!p->generation)
		return fault_set(fault, LABELHOP_A_PARAMS_GENERATION, 0,
				 "the generation must be at least 1");
	if (!label_valid(p->label))
		return fault_set(fault, LABELHOP_A_PARAMS_LABEL, 0,
				 "the VPN label must be in 16..1048575");
	if (p->epoch + p->lifetime < p->epoch)
		return fault_set(fault, LABELHOP_A_PARAMS_LIFETIME, 0,
				 "epoch plus lifetime must not exceed 64 bits");
	return labels_valid(p, fault) && slots_valid(p, fault) &&
	       tags_valid(p, fault);
}

/**
 * lh_params_fit_window - is each slot at least twice the tolerance?
 * @p: a valid set
 * @tolerance: the receiver's, ns
 *
 * If not, more than LH_HOPS_MAX slots could be valid at once.
 *
 * Return: true if so.
 */
bool lh_params_fit_window(const struct lh_params *p, u64 tolerance)
{
	u32 i;

	for (i = 0; i < p->n_slots; i++)
		if (p->slots[i] / 2 < tolerance)
			return false;
	return true;
}
