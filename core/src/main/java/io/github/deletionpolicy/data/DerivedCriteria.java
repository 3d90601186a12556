package io.github.deletionpolicy.data;

import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Sort;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.repository.query.ParameterMetadataProvider;
import org.springframework.data.relational.repository.query.RelationalParameterAccessor;
import org.springframework.data.relational.repository.query.RelationalQueryCreator;
import org.springframework.data.repository.query.parser.Part;
import org.springframework.data.repository.query.parser.PartTree;

/**
 * Makes a criteria of a method's name and arguments, with the names of properties.
 */
class DerivedCriteria extends RelationalQueryCreator<Criteria> {

	DerivedCriteria(PartTree tree, RelationalParameterAccessor accessor) {
		super(tree, accessor);
	}

	/**
	 * Spring Data leaves the escape character itself as it is, so that a text which ends
	 * with one would match other rows than were meant.
	 */
	@Override
	protected ParameterMetadataProvider getParameterMetadataProvider(RelationalParameterAccessor accessor) {
		return new ParameterMetadataProvider(accessor) {

			@Override
			protected @Nullable Object prepareParameterValue(@Nullable Object value, Class<?> valueType,
					Part.Type partType) {
				String escaped = (value instanceof CharSequence text) ? text.toString().replaceAll("[\\\\%_]", "\\\\$0")
						: null;
				return (escaped == null) ? value : switch (partType) {
					case STARTING_WITH -> escaped + "%";
					case ENDING_WITH -> "%" + escaped;
					case CONTAINING, NOT_CONTAINING -> "%" + escaped + "%";
					default -> value;
				};
			}

		};
	}

	@Override
	protected Criteria complete(@Nullable Criteria criteria, Sort sort) {
		return (criteria != null) ? criteria : Criteria.empty();
	}

}
