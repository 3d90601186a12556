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

		static ByIds of(Iterable<?> ids) {
			List<Object> list = new ArrayList<>();
			for (@Nullable
			Object id : ids) {
				if (id == null) {
					throw new InvalidIdException("An id is null. Leave it out.");
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

		public ByCriteria {
			if (criteria == null) {
				throw new InvalidCriteriaException("The criteria is null. Write all() to select every row.");
			}
		}

	}

	/**
	 * Every row.
	 */
	record All() implements RowSelection {
	}

}
