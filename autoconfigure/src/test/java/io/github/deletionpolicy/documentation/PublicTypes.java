package io.github.deletionpolicy.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.Nullable;

/**
 * The public types that there are, and what a page says of them.
 *
 * @param all all of them
 */
record PublicTypes(List<Class<?>> all) {

	private static final String ROOT = "io.github.deletionpolicy";

	/**
	 * What is public here is meant for users, with all its members.
	 */
	private static final Set<String> API = Set.of(ROOT, ROOT + ".test");

	/**
	 * What is public here is known to users by its name only.
	 */
	private static final String WIRING = ROOT + ".autoconfigure";

	private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");

	private static final Pattern WORD = Pattern.compile("\\w+");

	private static final Pattern TYPE = Pattern.compile("(?<![\\w.])([A-Z]\\w*[a-z]\\w*)((?:\\.\\w+)*)");

	private static final Pattern CALL = Pattern.compile("(\\w+)\\(");

	private static final Pattern IMPORT = Pattern.compile("(?m)^import ([\\w.]+)\\.(\\w+|\\*);$");

	private static final Path IMPORTS = Path.of("src", "test", "resources", "documentation", "imports.txt");

	private static final Set<String> OF_EVERY_TYPE = Set.of("equals", "hashCode", "toString", "values", "valueOf");

	/**
	 * Find the types that the build has compiled, but for tests.
	 */
	static PublicTypes compiled() {
		return new PublicTypes(new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages(ROOT)
			.stream()
			.map(JavaClass::getName)
			.<Class<?>>map(PublicTypes::load)
			.filter(PublicTypes::isPublic)
			.sorted(Comparator.comparing(Class::getName))
			.toList());
	}

	/**
	 * Return what the page does not name in code: types of the API, their members, and
	 * types of ours that these members return or take.
	 */
	List<String> unnamed(Page page) {
		Set<String> words = new HashSet<>();
		Set<String> names = new HashSet<>();
		code(page).forEach((code) -> {
			WORD.matcher(code).results().map(MatchResult::group).forEach(words::add);
			TYPE.matcher(code).results().forEach((match) -> {
				names.add(match.group(1));
				names.add(match.group());
				names.add(match.group().replaceFirst("\\.\\w+$", ""));
			});
		});
		Set<String> unnamed = new TreeSet<>();
		for (Class<?> type : this.all) {
			boolean api = API.contains(type.getPackageName());
			boolean wiring = type.getPackageName().equals(WIRING) && type.getEnclosingClass() == null;
			if ((api || wiring) && !names.contains(nameOf(type))) {
				unnamed.add(nameOf(type) + " is not named");
			}
			if (api) {
				membersOf(type).stream()
					.filter((member) -> !words.contains(member))
					.forEach((member) -> unnamed.add("%s.%s is not named".formatted(nameOf(type), member)));
				exposedBy(type).stream()
					.filter((exposed) -> !API.contains(exposed.getPackageName()))
					.filter((exposed) -> !names.contains(nameOf(exposed)))
					.forEach((exposed) -> unnamed
						.add("%s, which is seen in %s, is not named".formatted(nameOf(exposed), nameOf(type))));
			}
		}
		return List.copyOf(unnamed);
	}

	/**
	 * Return what the page names in code and does not exist: types, members of a type
	 * that is named before them, and calls of methods that no type of ours has.
	 */
	List<String> unknown(Page page) {
		Set<String> unknown = new LinkedHashSet<>();
		for (String code : code(page)) {
			Matcher types = TYPE.matcher(code);
			while (types.find()) {
				unknown.addAll(problems(types.group(1), types.group(2)));
			}
			Matcher calls = CALL.matcher(types.replaceAll(""));
			while (calls.find()) {
				String method = calls.group(1);
				if (this.all.stream().noneMatch((type) -> has(type, method))) {
					unknown.add("there is no method " + method);
				}
			}
		}
		return List.copyOf(unknown);
	}

	private List<String> problems(String name, String parts) {
		Class<?> type = find(name);
		if (type == null) {
			return List.of("there is no type " + name);
		}
		for (String part : parts.isEmpty() ? new String[0] : parts.substring(1).split("\\.")) {
			Class<?> owner = type;
			Class<?> nested = Arrays.stream(owner.getClasses())
				.filter((it) -> it.getSimpleName().equals(part))
				.findFirst()
				.orElse(null);
			if (nested == null && !has(owner, part)) {
				return List.of("%s has no %s".formatted(nameOf(owner), part));
			}
			type = (nested != null) ? nested : owner;
		}
		return List.of();
	}

	/**
	 * A type of ours, or one that a Java block of the documentation may name.
	 */
	private @Nullable Class<?> find(String name) {
		List<Class<?>> found = new ArrayList<>(
				this.all.stream().filter((type) -> type.getSimpleName().equals(name)).toList());
		Matcher imports = IMPORT.matcher(imports());
		while (imports.find()) {
			if (imports.group(2).equals("*") || imports.group(2).equals(name)) {
				add(imports.group(1) + "." + name, found);
			}
		}
		add("java.lang." + name, found);
		return found.isEmpty() ? null : found.get(0);
	}

	private static void add(String name, List<Class<?>> found) {
		try {
			found.add(Class.forName(name, false, PublicTypes.class.getClassLoader()));
		}
		catch (ClassNotFoundException ex) {
			// It is of another package.
		}
	}

	private static String imports() {
		try {
			return Files.readString(IMPORTS);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> code(Page page) {
		return CODE.matcher(page.prose()).results().map((match) -> match.group(1)).toList();
	}

	private static boolean has(Class<?> type, String member) {
		return Stream.concat(Arrays.stream(type.getMethods()), Arrays.stream(type.getFields()))
			.map(Member.class::cast)
			.anyMatch((it) -> it.getName().equals(member));
	}

	private static Set<String> membersOf(Class<?> type) {
		Set<String> members = new TreeSet<>();
		methodsOf(type).forEach((method) -> members.add(method.getName()));
		Arrays.stream(type.getDeclaredFields())
			.filter((field) -> Modifier.isPublic(field.getModifiers()))
			.map(Field::getName)
			.forEach(members::add);
		return members;
	}

	private static List<Method> methodsOf(Class<?> type) {
		return Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
			.filter((method) -> !OF_EVERY_TYPE.contains(method.getName()))
			.toList();
	}

	private static Set<Class<?>> exposedBy(Class<?> type) {
		Set<Class<?>> exposed = new LinkedHashSet<>();
		for (Method method : methodsOf(type)) {
			add(method.getGenericReturnType(), exposed);
			for (Type parameter : method.getGenericParameterTypes()) {
				add(parameter, exposed);
			}
		}
		return exposed;
	}

	private static void add(Type type, Set<Class<?>> exposed) {
		if (type instanceof ParameterizedType parameterized) {
			add(parameterized.getRawType(), exposed);
			for (Type argument : parameterized.getActualTypeArguments()) {
				add(argument, exposed);
			}
		}
		else if (type instanceof Class<?> seen && !seen.isArray() && seen.getPackageName().startsWith(ROOT)) {
			exposed.add(seen);
		}
	}

	private static boolean isPublic(Class<?> type) {
		Class<?> enclosing = type.getEnclosingClass();
		return Modifier.isPublic(type.getModifiers()) && !type.isAnonymousClass() && !type.isLocalClass()
				&& (enclosing == null || isPublic(enclosing));
	}

	private static String nameOf(Class<?> type) {
		Class<?> enclosing = type.getEnclosingClass();
		return (enclosing != null) ? nameOf(enclosing) + "." + type.getSimpleName() : type.getSimpleName();
	}

	private static Class<?> load(String name) {
		try {
			return Class.forName(name, false, PublicTypes.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
