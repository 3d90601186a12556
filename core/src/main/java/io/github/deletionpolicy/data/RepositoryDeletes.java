package io.github.deletionpolicy.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.data.TablePolicies.Declared;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.data.jdbc.repository.aot.AotRepositoryFragmentSupport;
import org.springframework.data.jdbc.repository.query.JdbcQueryMethod;
import org.springframework.data.jdbc.repository.query.StringBasedJdbcQuery;
import org.springframework.data.projection.SpelAwareProxyProjectionFactory;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.repository.core.NamedQueries;
import org.springframework.data.repository.core.RepositoryInformation;
import org.springframework.data.repository.core.support.PropertiesBasedNamedQueries;
import org.springframework.data.repository.core.support.QueryCreationListener;
import org.springframework.data.repository.core.support.RepositoryFactorySupport;
import org.springframework.data.repository.core.support.RepositoryFragment;
import org.springframework.data.repository.query.RepositoryQuery;

/**
 * The deletes of one repository that Spring Data would send to the database by itself.
 * Derived ones follow the policy; for declared ones a warning says that they do not.
 * <p>
 * A listener is notified of the query behind each method, except of methods whose code
 * was generated before the start: those are found by their fragment.
 */
class RepositoryDeletes implements QueryCreationListener<RepositoryQuery>, MethodInterceptor {

	private static final Log logger = LogFactory.getLog(RepositoryDeletes.class);

	private static final Pattern TABLE_NAME = Pattern.compile("#\\{#(?:tableName|qualifiedTableName)}");

	private static final String NAMED_QUERIES = "META-INF/jdbc-named-queries.properties";

	private final RepositoryParts parts;

	private final RepositoryInformation repository;

	private final TableName table;

	private final TablePolicies policies;

	private final Map<Method, DerivedDelete> derived = new ConcurrentHashMap<>();

	RepositoryDeletes(RepositoryParts parts, RepositoryInformation repository) {
		this.parts = parts;
		this.repository = repository;
		this.table = parts.mapping().tableOf(repository.getDomainType());
		this.policies = new TablePolicies(parts.policies());
	}

	void register(RepositoryFactorySupport factory, ProxyFactory proxy) {
		factory.addQueryCreationListener(this);
		if (this.policies.find(this.table) != null) {
			proxy.addAdvice(this);
		}
		Arrays.stream(this.repository.getRepositoryInterface().getMethods())
			.filter(this::isGenerated)
			.forEach(this::addGenerated);
	}

	private boolean isGenerated(Method method) {
		if (method.isDefault() || !this.repository.isCustomMethod(method)) {
			return false;
		}
		RepositoryFragment<?> fragment = this.repository.getRepositoryComposition().findFragment(method);
		return fragment != null
				&& fragment.getImplementation().filter(AotRepositoryFragmentSupport.class::isInstance).isPresent();
	}

	/**
	 * A named query is looked for where Spring Data does by default; which other place
	 * was configured, nothing public says.
	 */
	private void addGenerated(Method method) {
		NamedQueries named = namedQueries(this.repository.getRepositoryInterface().getClassLoader());
		JdbcQueryMethod query = new JdbcQueryMethod(method, this.repository, new SpelAwareProxyProjectionFactory(),
				named, new RelationalMappingContext());
		if (query.hasAnnotatedQuery() || named.hasQuery(query.getNamedQueryName())) {
			warnOfDeclared(query);
		}
		else {
			addDerived(method, query);
		}
	}

	private static NamedQueries namedQueries(@Nullable ClassLoader classLoader) {
		try {
			return new PropertiesBasedNamedQueries(PropertiesLoaderUtils.loadAllProperties(NAMED_QUERIES, classLoader));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(NAMED_QUERIES + " cannot be read.", ex);
		}
	}

	@Override
	public void onCreation(RepositoryQuery query) {
		if (!(query.getQueryMethod() instanceof JdbcQueryMethod queryMethod)) {
			return;
		}
		if (query instanceof StringBasedJdbcQuery) {
			warnOfDeclared(queryMethod);
			return;
		}
		// A query method names the method that it was made of, and does not return it.
		Method method = this.repository.getQueryMethods()
			.stream()
			.filter((candidate) -> candidate.toString().equals(queryMethod.toString()))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(
					"This version of Spring Data does not say which method of %s has the query %s, so its deletes may not follow their policy."
						.formatted(this.repository.getRepositoryInterface().getName(), queryMethod)));
		addDerived(method, queryMethod);
	}

	private void addDerived(Method method, JdbcQueryMethod query) {
		Declared policy = this.policies.find(this.table);
		if (policy == null || !DerivedDelete.isDerivedFrom(method, this.repository.getDomainType())) {
			return;
		}
		DerivedDelete delete = new DerivedDelete(this.parts, method, query, this.repository);
		String obstacle = delete.obstacle();
		if (obstacle == null) {
			this.derived.put(method, delete);
			return;
		}
		this.parts.cannotObey(
				"%s is a derived delete from %s, and it cannot follow that policy. %s".formatted(
						DerivedDelete.nameOf(this.repository.getRepositoryInterface(), method), policy, obstacle),
				("Write the delete yourself, as in deletes.from(%s.class).where(...).execute(), or let the method take values only and "
						+ "return void, a number of rows, a boolean, the aggregate, or an Optional, List, Set or Stream of it. "
						+ "deletion-policy.repositories.derived-deletes=warn leaves the method to Spring Data, which removes the rows for good.")
					.formatted(this.repository.getDomainType().getSimpleName()));
	}

	private void warnOfDeclared(JdbcQueryMethod query) {
		String sql = TABLE_NAME.matcher(query.getRequiredQuery())
			.replaceAll(Matcher.quoteReplacement(this.table.toSql()));
		DeleteStatements.tablesOf(sql)
			.stream()
			.map(this.policies::find)
			.filter(Objects::nonNull)
			.filter(Declared::keepsRows)
			.distinct()
			.forEach((policy) -> logger
				.warn(("%s.%s is a statement of your own that removes rows from %s. It runs unchanged and removes the rows at once, regardless of the policy. "
						+ "To follow the policy, write deletes.from(\"%s\").where(...).execute() instead; add .hard() if the rows should be removed at once.")
					.formatted(this.repository.getRepositoryInterface().getName(), query.getName(), policy,
							policy.policy().table())));
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		DerivedDelete delete = this.derived.get(invocation.getMethod());
		DeleteOperations deletes = (delete != null) ? this.parts.deletes() : null;
		return (delete != null && deletes != null) ? delete.execute(deletes, invocation.getArguments())
				: invocation.proceed();
	}

}
