package io.github.deletionpolicy;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.data.relational.core.query.CriteriaDefinition;

/**
 * Which rows of its table a delete or restore is about, as the caller said it.
 *
 * @since 0.1
 */
public sealed interface RowSelection {

	/**
	 * Rows by primary key.
	 *
	 * @param ids the ids, none of them {@code null}
	 */
	record ByIds(List<Object> ids) implements RowSelection {

		public ByIds {
			ids = List.copyOf(ids);
		}

		static ByIds of(DeletionTarget target, Iterable<?> ids) {
			if (ids == null) {
				throw new InvalidIdException(
						"The ids for %s are null. Write an empty list if no row is meant.".formatted(target));
			}
			List<Object> list = new ArrayList<>();
			for (@Nullable
			Object id : ids) {
				if (id == null) {
					throw new InvalidIdException(
							"An id for %s is null, and no primary key is. Leave it out.".formatted(target));
				}
				list.add(id);
			}
			return new ByIds(list);
		}

	}

	/**
	 * Rows by a condition.
	 *
	 * @param criteria names columns for a table, properties for a class
	 */
	record ByCriteria(CriteriaDefinition criteria) implements RowSelection {

		static ByCriteria of(DeletionTarget target, CriteriaDefinition criteria) {
			if (criteria == null) {
				throw new InvalidCriteriaException(
						"The criteria for %s is null. Write all() to select every row.".formatted(target));
			}
			return new ByCriteria(criteria);
		}

	}

	/**
	 * Every row.
	 */
	record All() implements RowSelection {
	}

}
