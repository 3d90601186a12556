package io.github.deletionpolicy.data;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestrictedDeletionException;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.dao.IncorrectResultSizeDataAccessException;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.repository.query.RelationalParametersParameterAccessor;
import org.springframework.data.repository.core.RepositoryInformation;
import org.springframework.data.repository.query.Parameters;
import org.springframework.data.repository.query.QueryMethod;
import org.springframework.data.repository.query.parser.Part;
import org.springframework.data.repository.query.parser.PartTree;

/**
 * A delete that Spring Data derives from the name of a method, carried out by the policy.
 */
class DerivedDelete {

	private static final Pattern LIMITED = Pattern
		.compile("^(?:delete|remove)(?:Distinct)?(?:First|Top)\\d*(?:\\p{Lu}.*?)??By");

	private static final Set<Part.Type> UNKNOWN_TO_CRITERIA = EnumSet.of(Part.Type.REGEX, Part.Type.NEAR,
			Part.Type.WITHIN, Part.Type.EXISTS, Part.Type.IS_EMPTY, Part.Type.IS_NOT_EMPTY);

	private final RepositoryParts parts;

	private final Method method;

	private final Class<?> domainType;

	private final PartTree tree;

	private final QueryMethod queryMethod;

	private final ResolvableType returnType;

	private final @Nullable ReturnKind returns;

	DerivedDelete(RepositoryParts parts, Method method, QueryMethod queryMethod, RepositoryInformation repository) {
		this.parts = parts;
		this.method = method;
		this.domainType = repository.getDomainType();
		this.tree = new PartTree(method.getName(), this.domainType);
		this.queryMethod = queryMethod;
		this.returnType = ResolvableType.forMethodReturnType(method, repository.getRepositoryInterface());
		this.returns = ReturnKind.of(this.returnType, this.domainType);
	}

	/**
	 * Return whether Spring Data would derive a delete from the name of a method.
	 */
	static boolean isDerivedFrom(Method method, Class<?> domainType) {
		return (method.getName().startsWith("delete") || method.getName().startsWith("remove"))
				&& new PartTree(method.getName(), domainType).isDelete();
	}

	/**
	 * Return why this cannot follow the policy, as a whole sentence; {@code null} if it
	 * can.
	 */
	@Nullable String obstacle() {
		if (LIMITED.matcher(this.method.getName()).find()) {
			return "Its name asks for the first rows only, and a delete takes all rows that match.";
		}
		Parameters<?, ?> parameters = this.queryMethod.getParameters();
		if (parameters.getNumberOfParameters() != parameters.getBindableParameters().getNumberOfParameters()) {
			return "It has a parameter that cannot be compared with a column, such as a Sort, Pageable, Limit or Class.";
		}
		for (Part part : this.tree.getParts()) {
			String path = part.getProperty().toDotPath();
			if (UNKNOWN_TO_CRITERIA.contains(part.getType())) {
				return "Spring Data JDBC does not know the keyword %s of property '%s'.".formatted(part.getType(),
						path);
			}
			if (this.parts.mapping().columnOf(this.domainType, path) == null) {
				return "The property '%s' has no column of its own in the table.".formatted(path);
			}
		}
		return (this.returns != null) ? null
				: "It returns %s, which cannot be had of a delete.".formatted(this.returnType);
	}

	/**
	 * Run the delete, in the caller's transaction or one of its own, and return what the
	 * method returns.
	 */
	@Nullable Object execute(DeleteOperations deletes, @Nullable Object[] arguments) {
		ReturnKind kind = Objects.requireNonNull(this.returns);
		DeleteOperations.Target target = deletes.from(this.domainType);
		DeleteOperations.Mode rows = this.tree.hasPredicate() ? target.where(criteria(arguments)) : target.all();
		if (kind.ofRows() != null) {
			return kind.ofRows().apply(rows.execute().rows());
		}
		return kind.ofAggregates()
			.apply(kind.single() ? deleteOne(rows) : rows.returning(this.domainType).execute().rows());
	}

	private Criteria criteria(@Nullable Object[] arguments) {
		return new DerivedCriteria(this.tree, new RelationalParametersParameterAccessor(this.queryMethod, arguments))
			.createQuery();
	}

	/**
	 * A row that comes in after the first look has all of it rolled back. A refusal
	 * changed nothing: if it left the callback as an exception, it would mark the
	 * caller's transaction for rollback.
	 */
	private List<?> deleteOne(DeleteOperations.Mode rows) {
		requireOne(rows.preview().rows());
		Supplier<List<?>> outcome = this.parts.transactions().execute((status) -> {
			try {
				List<?> all = rows.returning(this.domainType).execute().rows();
				requireOne(all.size());
				return () -> all;
			}
			catch (RestrictedDeletionException | ReadOnlyDeletionException ex) {
				return () -> {
					throw ex;
				};
			}
		});
		return outcome.get();
	}

	private void requireOne(long rows) {
		if (rows > 1) {
			throw new IncorrectResultSizeDataAccessException(
					"%s returns one aggregate, and %d rows match. Nothing was deleted."
						.formatted(nameOf(this.method.getDeclaringClass(), this.method), rows),
					1, (int) Math.min(rows, Integer.MAX_VALUE));
		}
	}

	/**
	 * Spell a method for messages.
	 */
	static String nameOf(Class<?> repository, Method method) {
		return "%s.%s(%s)".formatted(repository.getName(), method.getName(),
				Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(", ")));
	}

}
